package dev.warren.base;

import dev.warren.base.wire.Base32;
import dev.warren.base.wire.Ed25519Points;
import dev.warren.base.wire.Hex;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a node: its Ed25519 public key, 32 bytes that decompress to a curve point (and
 * nothing stricter: identity-and-tls section 1.1). Immutable; equality, hash and order are those of
 * the bytes.
 */
public final class NodeId implements Comparable<NodeId> {
  /** Bytes of an id. */
  public static final int LENGTH = 32;

  private final byte[] bytes;
  private final int hash;
  private volatile byte @Nullable [] x25519;

  private NodeId(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /**
   * From 32 bytes, which are kept as given.
   *
   * @throws KeyParseException if there are not 32, or they are not a curve point
   */
  public static NodeId ofBytes(byte[] bytes) throws KeyParseException {
    if (bytes.length != LENGTH) {
      throw new KeyParseException("a node id has 32 bytes, not " + bytes.length);
    }
    if (!Ed25519Points.isOnCurve(bytes)) {
      throw new KeyParseException("these 32 bytes are not an Ed25519 public key");
    }
    return new NodeId(bytes.clone());
  }

  /**
   * From 64 digits of lower-case hex or 52 characters of base32 (either case). z-base-32 has the
   * same length and overlapping letters, so it has {@link #parseZ32 a method of its own}.
   */
  public static NodeId parse(String text) throws KeyParseException {
    return ofBytes(KeyText.parse("the node id", text));
  }

  /** From 52 characters of z-base-32, lower case, as in DNS names. */
  public static NodeId parseZ32(String text) throws KeyParseException {
    if (text.length() != 52) {
      throw new KeyParseException("a node id has 52 characters of z-base-32, not " + text.length());
    }
    try {
      return ofBytes(Base32.decodeZ(text));
    } catch (IllegalArgumentException e) {
      throw new KeyParseException("the node id is malformed: " + e.getMessage());
    }
  }

  /** A copy of the 32 bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /**
   * Whether {@code signature} (64 bytes) is this node's over {@code message}; strict: small-order
   * keys and commitments and non-canonical scalars are refused besides what RFC 8032 demands.
   */
  public boolean verify(byte[] message, byte[] signature) {
    return signature.length == Ed25519.SIGNATURE_SIZE
        && !Ed25519Points.isSmallOrder(bytes)
        && !Ed25519Points.isSmallOrder(Arrays.copyOf(signature, 32))
        && Ed25519Points.isCanonicalScalar(Arrays.copyOfRange(signature, 32, 64))
        && Ed25519.verify(signature, 0, bytes, 0, message, 0, message.length);
  }

  /** The X25519 public key of the same node (disco section 2.1). */
  public byte[] toX25519() {
    byte[] u = x25519;
    if (u == null) {
      u = Ed25519Points.toMontgomery(bytes);
      x25519 = u;
    }
    return u.clone();
  }

  /** The first ten hex digits, for logs. */
  public String toShortString() {
    return Hex.encode(bytes, 5);
  }

  /** 52 characters of z-base-32. */
  public String toZ32() {
    return Base32.encodeZ(bytes);
  }

  @Override
  public int compareTo(NodeId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object o) {
    return o == this
        || o instanceof NodeId other && hash == other.hash && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** 64 digits of lower-case hex. */
  @Override
  public String toString() {
    return Hex.encode(bytes);
  }
}
