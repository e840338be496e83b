package dev.warren.discovery.dht.logic;

/** Lets so much pass in a second, and {@code burst} at once after a pause. Not thread-safe. */
final class Rate {
  private static final double SECOND = 1e9;

  private final double perSecond;
  private final double burst;
  private double left;
  private long at;

  Rate(double perSecond, double burst, long now) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.left = burst;
    this.at = now;
  }

  /** Takes {@code n}; false, and nothing is taken, if there is not as much. */
  boolean take(double n, long now) {
    left = Math.min(burst, left + (now - at) / SECOND * perSecond);
    at = now;
    if (left < n) {
      return false;
    }
    left -= n;
    return true;
  }
}
