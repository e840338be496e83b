package dev.warren.discovery.wire;

/** Bytes that are not a DNS message; one sentence says what is wrong. */
public final class DnsFormatException extends Exception {
  private static final long serialVersionUID = 1;

  DnsFormatException(String message) {
    super(message);
  }
}
