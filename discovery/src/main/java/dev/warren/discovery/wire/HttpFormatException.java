package dev.warren.discovery.wire;

/** Bytes that are not an HTTP answer, or a longer one than is taken; one sentence says why. */
public final class HttpFormatException extends Exception {
  private static final long serialVersionUID = 1;

  HttpFormatException(String message) {
    super(message);
  }
}
