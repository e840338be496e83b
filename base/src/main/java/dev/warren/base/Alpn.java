package dev.warren.base;

import dev.warren.base.wire.Hex;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of an application protocol: 1 to 255 bytes, compared bytewise (RFC 7301). Immutable. The
 * TLS layer carries ASCII only; an ALPN with other bytes can be held but not dialled.
 */
public final class Alpn implements Comparable<Alpn> {
  private final byte[] bytes;

  private Alpn(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > 255) {
      throw new IllegalArgumentException("an ALPN has 1 to 255 bytes, not " + bytes.length);
    }
    this.bytes = bytes;
  }

  /** From ASCII text. */
  public static Alpn of(String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      if (ascii.charAt(i) > 126 || ascii.charAt(i) < 32) {
        throw new IllegalArgumentException(
            "not a printable ASCII character at position " + (i + 1));
      }
    }
    return new Alpn(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /** From any bytes. */
  public static Alpn ofBytes(byte[] bytes) {
    return new Alpn(bytes.clone());
  }

  public byte[] toBytes() {
    return bytes.clone();
  }

  /** Whether TLS here can carry it. */
  public boolean isAscii() {
    for (byte b : bytes) {
      if (b < 32 || b > 126) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(Alpn other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Alpn other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The text if it is ASCII, else {@code 0x} and hex. */
  @Override
  public String toString() {
    return isAscii() ? new String(bytes, StandardCharsets.US_ASCII) : "0x" + Hex.encode(bytes);
  }
}
