package dev.warren.discovery.local.logic;

import java.util.random.RandomGenerator;

/**
 * When to announce ourselves on a link without being asked, and when to look around. Nodes of iroh
 * need neither, as they ask all the time; nodes of Warren would not hear of each other otherwise.
 * Not thread-safe.
 */
final class Schedule {
  /** RFC 6762 section 8.3: at least two announcements, one second apart. */
  private static final long REPEAT_NANOS = 1_000_000_000;

  /** A link with two families then carries two packets a minute of an idle node. */
  static final long ANNOUNCE_NANOS = 60_000_000_000L;

  /** RFC 6762 section 5.2: the second query after a second, then at doubled distances. */
  private static final long[] LOOKS_NANOS = {0, 1_000_000_000, 2_000_000_000};

  private final RandomGenerator random;
  private boolean announcing;
  private long announceAt;
  private int repeats;
  private int looks = LOOKS_NANOS.length;
  private long lookAt;

  Schedule(RandomGenerator random) {
    this.random = random;
  }

  /** We have something new to say. */
  void announce(long nanos) {
    announcing = true;
    repeats = 1;
    announceAt = nanos;
  }

  /** We have nothing to say. */
  void silence() {
    announcing = false;
  }

  /** We just said it, for whatever reason. */
  void announced(long nanos) {
    if (repeats > 0) {
      repeats--;
      announceAt = nanos + REPEAT_NANOS;
    } else {
      // A tenth of jitter: nodes that started together drift apart.
      announceAt = nanos + (long) (ANNOUNCE_NANOS * (0.9 + 0.2 * random.nextDouble()));
    }
  }

  /** Somebody wants to know who is there. */
  void look(long nanos) {
    looks = 0;
    lookAt = nanos;
  }

  boolean announceIsDue(long nanos) {
    return announcing && announceAt - nanos <= 0;
  }

  /** Whether to ask now; if so, that is done. */
  boolean takeLook(long nanos) {
    if (looks >= LOOKS_NANOS.length || lookAt - nanos > 0) {
      return false;
    }
    looks++;
    if (looks < LOOKS_NANOS.length) {
      lookAt = nanos + LOOKS_NANOS[looks];
    }
    return true;
  }

  /** When something is due; {@code idle} if never. */
  long deadline(long idle) {
    long next = idle;
    if (announcing && announceAt - next < 0) {
      next = announceAt;
    }
    return looks < LOOKS_NANOS.length && lookAt - next < 0 ? lookAt : next;
  }
}
