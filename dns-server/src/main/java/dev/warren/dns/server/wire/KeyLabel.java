package dev.warren.dns.server.wire;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The 32 bytes that a label of 52 characters of z-base-32 stands for, as a key of maps. Nobody has
 * looked whether they are an Ed25519 key, which takes a hundred times as long. Immutable.
 */
public record KeyLabel(long a, long b, long c, long d) {
  /** Characters of a label. */
  public static final int LENGTH = 52;

  private static final String ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769";
  private static final byte[] VALUES = new byte[128];
  private static final long[] SECRET = new SecureRandom().longs(4).map(s -> s | 1).toArray();

  static {
    for (int i = 0; i < VALUES.length; i++) {
      VALUES[i] = (byte) ALPHABET.indexOf(i);
    }
  }

  public static KeyLabel of(byte[] key) {
    ByteBuffer bytes = ByteBuffer.wrap(key);
    return new KeyLabel(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  /**
   * Reads the label at {@code at} of a name in lower case; null if it is no canonical z-base-32 of
   * 32 bytes: 260 bits, of which the last four are zero.
   */
  public static @Nullable KeyLabel read(byte[] name, int at) {
    if (name[at] != LENGTH) {
      return null;
    }
    byte[] bytes = new byte[33];
    for (int i = 0; i < LENGTH; i++) {
      byte c = name[at + 1 + i];
      int value = c < 0 ? -1 : VALUES[c];
      if (value < 0) {
        return null;
      }
      int bit = i * 5;
      int shifted = value << 11 - bit % 8;
      bytes[bit / 8] |= (byte) (shifted >> 8);
      if (bit / 8 < 32) {
        bytes[bit / 8 + 1] |= (byte) shifted;
      }
    }
    return bytes[32] == 0 ? of(bytes) : null;
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  /** Strangers choose keys, so which of them collide must be secret: a sum by secret factors. */
  @Override
  public int hashCode() {
    long sum = a * SECRET[0] + b * SECRET[1] + c * SECRET[2] + d * SECRET[3];
    return (int) (sum >>> 32);
  }
}
