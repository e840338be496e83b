package dev.warren.discovery.local.logic;

import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/**
 * When to ask and when to answer in one generation on one link (discovery section 7.5). All nodes
 * of a link share one rhythm: a query of anybody serves all, and once enough nodes have answered
 * it, the others keep silent.
 *
 * <p>One thing differs from iroh's: who wants nothing does not ask. iroh asks every 0.7 s for ever.
 * Not thread-safe.
 */
final class Exchange {
  /** What has to be sent now. */
  enum Action {
    NOTHING,
    ASK,
    ANSWER
  }

  private enum Phase {
    /** Nobody here wants to know; a query of somebody else begins a round. */
    QUIET,
    /** Waits for anybody's query, and asks itself when none comes in time. */
    ASKING,
    /** Somebody asked: answers, unless enough others do. */
    ANSWERING
  }

  /** Between queries, at least: iroh's 0.7 s. */
  static final long CADENCE_NANOS = 700_000_000;

  /** Answers to one query that are enough: iroh's ceil(0.7 s · 2.5 Hz). */
  static final int ENOUGH = 2;

  private static final long ANSWER_NANOS = 100_000_000;
  private static final int MOST_EXTRA = 10;

  private final RandomGenerator random;
  private final IntSupplier swarm;

  private Phase phase = Phase.QUIET;
  private long deadline;
  private boolean wanted;
  private boolean answered;
  private long extra;
  private int heard;

  /**
   * @param swarm nodes on the link with us among them; the more, the longer everybody waits
   */
  Exchange(RandomGenerator random, IntSupplier swarm) {
    this.random = random;
    this.swarm = swarm;
  }

  /** Whether anybody here wants to know who is there. */
  void want(boolean now, long nanos) {
    wanted = now;
    if (wanted && phase == Phase.QUIET) {
      beginAsking(nanos);
    } else if (!wanted && phase == Phase.ASKING) {
      phase = Phase.QUIET;
    }
  }

  /** Somebody asked: we, or another. */
  void queried(long nanos) {
    if (phase == Phase.ANSWERING) {
      return;
    }
    int size = swarm.getAsInt();
    // Who has just answered lets others go first, the more of them there are.
    extra =
        answered
            ? ANSWER_NANOS * Math.min(MOST_EXTRA, size / ENOUGH)
            : Math.max(0, extra - ANSWER_NANOS);
    phase = Phase.ANSWERING;
    deadline = nanos + (long) (random.nextDouble() * ANSWER_NANOS * size / ENOUGH) + extra;
    heard = 0;
    answered = false;
  }

  /** Others answered, that many in one message. */
  void heard(int nodes, long nanos) {
    if (phase == Phase.ANSWERING) {
      heard += nodes;
      if (heard >= ENOUGH) {
        endRound(nanos);
      }
    }
  }

  /** We answered already, since we were asked by name. */
  void answered(long nanos) {
    if (phase == Phase.ANSWERING) {
      answered = true;
      endRound(nanos);
    }
  }

  /** Does what is due. Who is told to ask is expected to say {@link #queried} when that is done. */
  Action onTime(long nanos) {
    if (phase == Phase.QUIET || deadline - nanos > 0) {
      return Action.NOTHING;
    }
    if (phase == Phase.ASKING) {
      return Action.ASK;
    }
    answered = true;
    endRound(nanos);
    return Action.ANSWER;
  }

  private void endRound(long nanos) {
    if (wanted) {
      beginAsking(nanos);
    } else {
      phase = Phase.QUIET;
    }
  }

  private void beginAsking(long nanos) {
    phase = Phase.ASKING;
    deadline =
        nanos
            + CADENCE_NANOS
            + (long) (random.nextDouble() * CADENCE_NANOS * swarm.getAsInt() / 10);
  }

  /** When {@link #onTime} has something to do; {@code idle} if never. */
  long deadline(long idle) {
    return phase == Phase.QUIET ? idle : deadline;
  }
}
