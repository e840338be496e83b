package dev.warren.discovery.wire;

/** Bytes that are not a signed packet of the expected key; one sentence says what is wrong. */
public final class SignedPacketException extends Exception {
  private static final long serialVersionUID = 1;

  /** The first test that failed, in the order in which they are made. */
  public enum Cause {
    /** Shorter than a header, or longer than a header and {@link SignedPacket#MAX_DNS} bytes. */
    LENGTH,
    /** The first 32 bytes are not a public key. */
    KEY,
    /** Signed by another key, or changed afterwards. */
    SIGNATURE,
    /** What is signed is not a DNS message. */
    DNS
  }

  private final Cause reason;

  SignedPacketException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Which test failed. */
  public Cause reason() {
    return reason;
  }
}
