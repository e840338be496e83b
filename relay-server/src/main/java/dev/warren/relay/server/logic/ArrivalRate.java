package dev.warren.relay.server.logic;

/**
 * How often something may come: the generic cell rate algorithm (ITU-T I.371 annex A), a token
 * bucket that needs one number. What comes too early is refused and costs nothing further. Not
 * thread-safe.
 */
final class ArrivalRate {
  private static final double NANOS_PER_SECOND = 1e9;

  private final long interval;
  private final long tolerance;
  private long expected;

  /**
   * @param perSecond greater than 0
   * @param burst how many may come at once after a rest; at least 1
   */
  ArrivalRate(double perSecond, long burst, long now) {
    interval = Math.max(1, (long) (NANOS_PER_SECOND / perSecond));
    tolerance = (long) Math.min(Long.MAX_VALUE / 4, (double) interval * (burst - 1));
    expected = now;
  }

  /** Whether one may come now. */
  boolean take(long now) {
    // It is never further ahead than this, unless the clock has stepped back: then it follows.
    expected = now + Math.max(0, Math.min(expected - now, tolerance + interval));
    if (expected - now > tolerance) {
      return false;
    }
    expected += interval;
    return true;
  }
}
