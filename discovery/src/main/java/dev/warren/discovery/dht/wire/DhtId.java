package dev.warren.discovery.dht.wire;

import dev.warren.base.wire.Hex;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A place in the DHT's space of 160 bits: of a node, or of an item (BEP 5). Distance is XOR.
 * Immutable.
 */
public final class DhtId {
  /** Bytes of an id. */
  public static final int LENGTH = 20;

  /** Bits of an id. */
  public static final int BITS = 8 * LENGTH;

  private final byte[] bytes;
  private final int hash;

  private DhtId(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /** From 20 bytes, which are copied. */
  public static DhtId of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("an id of the DHT has 20 bytes, not " + bytes.length);
    }
    return new DhtId(bytes.clone());
  }

  /** Any id. */
  public static DhtId random(RandomGenerator random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new DhtId(bytes);
  }

  /** Any id that has exactly {@code prefix} leading bits, 0 to 159, in common with this one. */
  public DhtId randomAt(int prefix, RandomGenerator random) {
    byte[] near = new byte[LENGTH];
    random.nextBytes(near);
    for (int bit = 0; bit <= prefix; bit++) {
      int mask = 0x80 >> bit % 8;
      boolean own = (bytes[bit / 8] & mask) != 0;
      if (own == (bit < prefix)) {
        near[bit / 8] |= (byte) mask;
      } else {
        near[bit / 8] &= (byte) ~mask;
      }
    }
    return new DhtId(near);
  }

  /** SHA-1 over all the parts: where an item lies. */
  public static DhtId sha1(byte[]... parts) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      for (byte[] part : parts) {
        sha1.update(part);
      }
      return new DhtId(sha1.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Negative if {@code a} is closer to this id than {@code b}, 0 if they are equal. */
  public int compareDistance(DhtId a, DhtId b) {
    for (int i = 0; i < LENGTH; i++) {
      int order = Integer.compare((a.bytes[i] ^ bytes[i]) & 0xff, (b.bytes[i] ^ bytes[i]) & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Leading bits in common, 160 with itself. */
  public int commonPrefix(DhtId other) {
    for (int i = 0; i < LENGTH; i++) {
      int differ = (bytes[i] ^ other.bytes[i]) & 0xff;
      if (differ != 0) {
        return 8 * i + Integer.numberOfLeadingZeros(differ) - 24;
      }
    }
    return BITS;
  }

  /** A copy of the 20 bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o == this || o instanceof DhtId other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** 40 digits of lower-case hex. */
  @Override
  public String toString() {
    return Hex.encode(bytes);
  }
}
