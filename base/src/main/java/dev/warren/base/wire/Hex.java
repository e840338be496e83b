package dev.warren.base.wire;

/** Lower-case hexadecimal. Stateless. */
public final class Hex {
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private Hex() {}

  public static String encode(byte[] bytes) {
    return encode(bytes, bytes.length);
  }

  /** The first {@code length} bytes. */
  public static String encode(byte[] bytes, int length) {
    char[] text = new char[length * 2];
    for (int i = 0; i < length; i++) {
      text[2 * i] = DIGITS[(bytes[i] >> 4) & 15];
      text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    return new String(text);
  }

  /**
   * @throws IllegalArgumentException naming the position of the first wrong character; upper case
   *     is wrong
   */
  public static byte[] decode(String text) {
    if (text.length() % 2 != 0) {
      throw new IllegalArgumentException("odd number of hex digits");
    }
    byte[] bytes = new byte[text.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (digit(text, 2 * i) << 4 | digit(text, 2 * i + 1));
    }
    return bytes;
  }

  private static int digit(String text, int at) {
    char c = text.charAt(at);
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    throw new IllegalArgumentException("not a lower-case hex digit at position " + (at + 1));
  }
}
