package dev.warren.base.wire;

import java.util.Arrays;

/**
 * Base 32 without padding, most significant bit first, in the three alphabets of this network
 * (addresses-and-tickets section 1.2, identity-and-tls section 1.2). Decoding is strict: unknown
 * symbols, impossible lengths and non-zero spare bits are refused. Stateless.
 */
public final class Base32 {
  private static final Base32 RFC4648 = new Base32("abcdefghijklmnopqrstuvwxyz234567");
  private static final Base32 ANY_CASE = new Base32("abcdefghijklmnopqrstuvwxyz234567");
  private static final Base32 HEX = new Base32("0123456789abcdefghijklmnopqrstuv");
  private static final Base32 Z = new Base32("ybndrfg8ejkmcpqxot1uwisza345h769");

  static {
    // By table: lower-casing a text would take the Kelvin sign for a "k".
    for (char c = 'A'; c <= 'Z'; c++) {
      ANY_CASE.values[c] = ANY_CASE.values[c - 'A' + 'a'];
    }
  }

  private final char[] alphabet;
  private final byte[] values = new byte[128];

  private Base32(String alphabet) {
    this.alphabet = alphabet.toCharArray();
    Arrays.fill(values, (byte) -1);
    for (int i = 0; i < 32; i++) {
      values[this.alphabet[i]] = (byte) i;
    }
  }

  /** RFC 4648 section 6, lower case. */
  public static String encode(byte[] bytes) {
    return RFC4648.toText(bytes);
  }

  /** RFC 4648 section 6, lower case only. */
  public static byte[] decode(String text) {
    return RFC4648.toBytes(text);
  }

  /** RFC 4648 section 6, letters of either case, as in tickets and ids that people pass on. */
  public static byte[] decodeAnyCase(String text) {
    return ANY_CASE.toBytes(text);
  }

  /** RFC 4648 section 7 ("base32hex"), lower case, as in TLS server names. */
  public static String encodeHex(byte[] bytes) {
    return HEX.toText(bytes);
  }

  public static byte[] decodeHex(String text) {
    return HEX.toBytes(text);
  }

  /** z-base-32, as in DNS and pkarr names. */
  public static String encodeZ(byte[] bytes) {
    return Z.toText(bytes);
  }

  public static byte[] decodeZ(String text) {
    return Z.toBytes(text);
  }

  private String toText(byte[] bytes) {
    StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
    int buffer = 0;
    int bits = 0;
    for (byte b : bytes) {
      buffer = buffer << 8 | (b & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(alphabet[(buffer >> bits) & 31]);
      }
    }
    if (bits > 0) {
      text.append(alphabet[(buffer << (5 - bits)) & 31]);
    }
    return text.toString();
  }

  private byte[] toBytes(String text) {
    int n = text.length();
    int spare = n * 5 % 8;
    if (spare >= 5) {
      throw new IllegalArgumentException("no byte string has " + n + " base32 symbols");
    }
    byte[] bytes = new byte[n * 5 / 8];
    int buffer = 0;
    int bits = 0;
    int at = 0;
    for (int i = 0; i < n; i++) {
      char c = text.charAt(i);
      int value = c < 128 ? values[c] : -1;
      if (value < 0) {
        throw new IllegalArgumentException("not a base32 symbol at position " + (i + 1));
      }
      buffer = (buffer << 5 | value) & 0xffff;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = (byte) (buffer >> bits);
      }
    }
    if ((buffer & ((1 << bits) - 1)) != 0) {
      throw new IllegalArgumentException("the last base32 symbol has spare bits that are not zero");
    }
    return bytes;
  }
}
