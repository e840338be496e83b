package dev.warren.core.wire;

/**
 * Looks at the tags and lengths of DER before a recursive parser gets it: 16 KiB of a stranger's
 * bytes can open 8,000 sequences within each other, which would overflow the stack. Stateless.
 */
final class DerNesting {
  /** Values within each other; the fields of an identity certificate nest five deep. */
  private static final int MAX_DEPTH = 16;

  /** Enough for every length below 64 KiB. */
  private static final int MAX_LENGTH_BYTES = 2;

  private DerNesting() {}

  /** Whether every value ends inside the one around it and none lies too deep. */
  static boolean isBounded(byte[] der) {
    return isBounded(der, 0, der.length, MAX_DEPTH);
  }

  private static boolean isBounded(byte[] der, int from, int to, int depth) {
    int at = from;
    while (at < to) {
      boolean constructed = (der[at] & 0x20) != 0;
      int length = at + 1 < to ? der[at + 1] & 0xff : 0xff;
      at += 2;
      if (length >= 0x80) {
        int n = length & 0x7f;
        if (n == 0 || n > MAX_LENGTH_BYTES || n > to - at) {
          return false;
        }
        length = 0;
        for (int i = 0; i < n; i++) {
          length = length << 8 | der[at++] & 0xff;
        }
      }
      if (length > to - at) {
        return false;
      }
      if (constructed && (depth == 0 || !isBounded(der, at, at + length, depth - 1))) {
        return false;
      }
      at += length;
    }
    return true;
  }
}
