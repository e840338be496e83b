package dev.warren.base.stun;

/**
 * An attribute of a STUN message (RFC 8489 section 14). The value is not copied.
 *
 * @param type unsigned 16 bits
 * @param value without padding
 */
public record StunAttribute(int type, byte[] value) {
  public static final int MAPPED_ADDRESS = 0x0001;
  public static final int USERNAME = 0x0006;
  public static final int MESSAGE_INTEGRITY = 0x0008;
  public static final int ERROR_CODE = 0x0009;
  public static final int UNKNOWN_ATTRIBUTES = 0x000a;
  public static final int REALM = 0x0014;
  public static final int NONCE = 0x0015;
  public static final int MESSAGE_INTEGRITY_SHA256 = 0x001c;
  public static final int PASSWORD_ALGORITHM = 0x001d;
  public static final int USERHASH = 0x001e;
  public static final int XOR_MAPPED_ADDRESS = 0x0020;
  public static final int SOFTWARE = 0x8022;
  public static final int FINGERPRINT = 0x8028;

  /** Whether a receiver that does not know the type must refuse the message. */
  public boolean isComprehensionRequired() {
    return type < 0x8000;
  }
}
