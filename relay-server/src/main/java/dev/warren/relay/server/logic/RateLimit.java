package dev.warren.relay.server.logic;

/**
 * How fast one client may send: a token bucket over the bytes that were read from it (relay-server
 * section 9). It is filled every 100 ms. Reading may overdraw it by one read; then the caller must
 * not read before the pause is over, which the client feels through TCP. Nothing is dropped.
 *
 * <p>Not thread-safe. Times are those of a monotonic clock in nanoseconds, of any origin.
 */
public final class RateLimit {
  /** Time between refills (relay-server section 9). */
  private static final long PERIOD_NANOS = 100_000_000;

  private static final int PERIODS_PER_SECOND = 10;

  private long refill;
  private long max;
  private long fill;
  private long lastFill;

  /**
   * Starts full.
   *
   * @param bytesPerSecond at least 10, or 0 for no limit
   * @param burstBytes what the bucket holds; at least 1 if there is a limit
   */
  public RateLimit(long bytesPerSecond, long burstBytes, long now) {
    change(bytesPerSecond, burstBytes, now);
  }

  /** Another rate from now on, with a full bucket: a pause that was told is over. */
  public void change(long bytesPerSecond, long burstBytes, long now) {
    long perPeriod = bytesPerSecond / PERIODS_PER_SECOND;
    if (bytesPerSecond != 0 && (perPeriod <= 0 || burstBytes <= 0)) {
      throw new IllegalArgumentException(
          "a rate of " + bytesPerSecond + " B/s with a burst of " + burstBytes + " never refills");
    }
    refill = perPeriod;
    max = burstBytes;
    fill = burstBytes;
    lastFill = now;
  }

  public boolean isLimited() {
    return refill != 0;
  }

  /**
   * Takes {@code bytes} that were read.
   *
   * @return nanoseconds from {@code now} for which nothing must be read; 0 to read on
   */
  public long read(int bytes, long now) {
    if (!isLimited()) {
      return 0;
    }
    refillUntil(now);
    fill -= bytes;
    if (fill > 0) {
      return 0;
    }
    long periods = -fill / refill + 1;
    return Math.max(1, lastFill + periods * PERIOD_NANOS - now);
  }

  /** A clock that steps back fills nothing, and does not make the next pause longer. */
  private void refillUntil(long now) {
    if (now - lastFill < 0) {
      lastFill = now;
    }
    long periods = (now - lastFill) / PERIOD_NANOS;
    // After a long rest the product would overflow.
    fill = periods > (max - fill) / refill ? max : fill + periods * refill;
    lastFill += periods * PERIOD_NANOS;
  }
}
