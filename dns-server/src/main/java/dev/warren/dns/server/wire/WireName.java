package dev.warren.dns.server.wire;

import io.netty.buffer.ByteBuf;

/** Domain names as they are on the wire (RFC 1035 section 3.1), without compression. Stateless. */
public final class WireName {
  /** Most bytes of a name, its root label included. */
  public static final int LONGEST = 255;

  private static final int LONGEST_LABEL = 63;
  private static final int POINTER = 0xc0;

  private WireName() {}

  /**
   * How many bytes the uncompressed name at {@code at} takes; -1 if it is malformed, compressed or
   * not whole. A question is the first thing in a message: there is nothing to point to.
   */
  static int length(ByteBuf in, int at) {
    int length = 0;
    while (true) {
      if (at + length >= in.writerIndex()) {
        return -1;
      }
      int label = in.getUnsignedByte(at + length);
      length += label + 1;
      if (label > LONGEST_LABEL || length > LONGEST) {
        return -1;
      }
      if (label == 0) {
        return length;
      }
    }
  }

  /**
   * The index behind the name at {@code at}, which may end with a pointer; -1 if it is malformed.
   * Where the pointer leads is not looked at, but it must lead back.
   */
  static int skip(ByteBuf in, int start, int at) {
    int index = at;
    while (index < in.writerIndex()) {
      int label = in.getUnsignedByte(index);
      if (label == 0) {
        return index + 1;
      }
      if ((label & POINTER) == POINTER) {
        boolean back =
            index + 2 <= in.writerIndex() && (in.getUnsignedShort(index) & 0x3fff) < index - start;
        return back ? index + 2 : -1;
      }
      if (label > LONGEST_LABEL) {
        return -1;
      }
      index += label + 1;
    }
    return -1;
  }

  /** A to Z become a to z (RFC 4343 section 3); lengths are below 'A', so they stay. */
  public static byte[] lower(byte[] name) {
    byte[] lower = name.clone();
    for (int i = 0; i < lower.length; i++) {
      if (lower[i] >= 'A' && lower[i] <= 'Z') {
        lower[i] += 'a' - 'A';
      }
    }
    return lower;
  }

  /**
   * Where in {@code name} the labels of {@code origin} begin; -1 if it does not end with them. Both
   * in lower case.
   */
  public static int suffix(byte[] name, byte[] origin) {
    int from = name.length - origin.length;
    if (from < 0 || !isBoundary(name, from)) {
      return -1;
    }
    for (int i = 0; i < origin.length; i++) {
      if (name[from + i] != origin[i]) {
        return -1;
      }
    }
    return from;
  }

  private static boolean isBoundary(byte[] name, int index) {
    int at = 0;
    while (at < index) {
      at += name[at] + 1;
    }
    return at == index;
  }

  /** Where the last label before {@code end} begins; -1 if there is none. */
  public static int lastLabel(byte[] name, int end) {
    int at = 0;
    int last = -1;
    while (at < end) {
      last = at;
      at += name[at] + 1;
    }
    return last;
  }
}
