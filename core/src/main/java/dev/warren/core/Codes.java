package dev.warren.core;

/** Application codes: 62 bits in QUIC, but the codec takes an int. Stateless. */
final class Codes {
  private Codes() {}

  static long check(long code) {
    if (code < 0 || code > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("application codes are 0 to 2^31-1, not " + code);
    }
    return code;
  }
}
