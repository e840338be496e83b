package dev.warren.relay.client.logic;

import java.util.random.RandomGenerator;

/**
 * Waiting times between attempts, in ms. Failed attempts wait with <em>full jitter</em>: any time
 * between 10 ms and a bound that doubles from 100 ms to 30 s. Clients that fail together then do
 * not come back together, however often they fail; a factor of 1 to 2, as upstream draws it
 * (relay-protocol section A9), leaves the first retries of thousands within milliseconds. Not
 * thread-safe.
 */
public final class Backoff {
  /** The least wait: no attempt may follow the one before without a pause. */
  static final long MIN_MS = 10;

  private static final long FIRST_BOUND_MS = 100;

  /** Upstream waits 16 to 32 s at most; the mean of ours is 15 s. */
  private static final long LAST_BOUND_MS = 30_000;

  /**
   * Upstream dials at once after a loss; a relay that restarts would see its thousands of clients
   * within a few milliseconds. Our choice: spread them over half a second, which no user notices,
   * and over one and more if the relay is not back by then.
   */
  static final long AFTER_LOSS_BOUND_MS = 500;

  static final long AFTER_LOSS_FIRST_BOUND_MS = 1000;

  /**
   * A relay that refuses us will do so again until somebody acts: 30 to 60 s, doubling to 15 to 30
   * min. Our choice: an operator who lets a client in sees it within the minute, and one who does
   * not is asked four times an hour at most. Another token, or {@code retryNow}, ends the wait.
   */
  private static final long FIRST_DENIAL_MS = 30_000;

  private static final long LAST_DENIAL_MS = 15 * 60_000;

  private final RandomGenerator random;
  private boolean lost;
  private int attempts;
  private int denials;

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** The wait after a failed attempt. */
  public long next() {
    long first = lost ? AFTER_LOSS_FIRST_BOUND_MS : FIRST_BOUND_MS;
    long bound = Math.min(LAST_BOUND_MS, first << Math.min(attempts, 12));
    attempts++;
    return upTo(bound);
  }

  /**
   * The wait after a connection that worked; it does not count as an attempt. If attempts fail
   * then, the relay is away for all its clients: the bound of their waits begins here too.
   */
  public long afterLoss() {
    lost = true;
    return upTo(AFTER_LOSS_BOUND_MS);
  }

  /** The wait after a failed attempt while the relay is known to restart; it counts for nothing. */
  public long duringRestart() {
    return upTo(AFTER_LOSS_FIRST_BOUND_MS);
  }

  /** The wait after the relay refused us. */
  public long afterDenial() {
    long base = Math.min(LAST_DENIAL_MS, FIRST_DENIAL_MS << Math.min(denials, 12));
    denials++;
    return (long) (base * (1 + random.nextDouble()));
  }

  private long upTo(long bound) {
    return MIN_MS + (long) ((bound - MIN_MS) * random.nextDouble());
  }

  /** Failed attempts since the last reset. */
  public int attempts() {
    return attempts;
  }

  /** A connection was established, or what failed before says nothing of what comes. */
  public void reset() {
    lost = false;
    attempts = 0;
    denials = 0;
  }
}
