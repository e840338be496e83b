package dev.warren.base;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.Hex;

/** The one parse rule of ids and secret keys (identity-and-tls section 1.2). Stateless. */
final class KeyText {
  private static final int HEX = 64;
  private static final int BASE32 = 52;

  private KeyText() {}

  /** 64 characters: lower-case hex. 52: base32 in either case. Anything else is refused unread. */
  static byte[] parse(String what, String text) throws KeyParseException {
    try {
      if (text.length() == HEX) {
        return Hex.decode(text);
      }
      if (text.length() == BASE32) {
        return Base32.decodeAnyCase(text);
      }
    } catch (IllegalArgumentException e) {
      throw new KeyParseException(what + " is malformed: " + e.getMessage());
    }
    throw new KeyParseException(
        what + " has " + text.length() + " characters; 64 of hex or 52 of base32 are needed");
  }
}
