package dev.warren.base.stun;

/** Bytes that are no STUN message. Has no stack trace, since strangers cause it. */
public final class StunFormatException extends Exception {
  private static final long serialVersionUID = 1;

  StunFormatException(String message) {
    super(message, null, false, false);
  }
}
