package dev.warren.discovery.local.io;

/**
 * How many datagrams are read in a second; what is beyond is dropped unread, so that a flood costs
 * little. Not thread-safe.
 */
final class Inflow {
  /** A link of hundreds of nodes carries some ten; reading a thousand takes about 5 % of a core. */
  static final int PER_SECOND = 1000;

  private static final long SECOND_NANOS = 1_000_000_000;

  private long second;
  private int left = PER_SECOND;

  Inflow(long nanos) {
    second = nanos;
  }

  boolean take(long nanos) {
    if (nanos - second >= SECOND_NANOS) {
      second = nanos;
      left = PER_SECOND;
    }
    if (left == 0) {
      return false;
    }
    left--;
    return true;
  }
}
