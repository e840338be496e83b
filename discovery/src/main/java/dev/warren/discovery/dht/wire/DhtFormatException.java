package dev.warren.discovery.dht.wire;

/** Bytes that are no message of the DHT. Has no stack trace, since strangers cause it. */
public final class DhtFormatException extends Exception {
  private static final long serialVersionUID = 1;

  DhtFormatException(String message) {
    super(message, null, false, false);
  }
}
