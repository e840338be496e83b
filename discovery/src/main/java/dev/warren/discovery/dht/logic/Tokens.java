package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.DhtId;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * What whoever wants to store something must bring, from an answer that we sent to the same address
 * for the same target: good for five to ten minutes (BEP 5). Nothing is remembered for it. Not
 * thread-safe.
 */
public final class Tokens {
  /** BEP 5: secrets change every five minutes, and the one before is still good. */
  static final long ROTATE = 300_000_000_000L;

  /** Bytes of a token; a guess is good once in 2^64. */
  static final int LENGTH = 8;

  private final RandomGenerator random;
  private byte[] current;
  private byte[] previous;
  private long rotatedAt;

  /** {@code random} must be one that nobody can guess. */
  public Tokens(RandomGenerator random, long now) {
    this.random = random;
    this.current = secret();
    this.previous = secret();
    this.rotatedAt = now;
  }

  public byte[] issue(InetAddress to, DhtId target, long now) {
    rotate(now);
    return token(current, to, target);
  }

  public boolean accepts(byte[] token, InetAddress from, DhtId target, long now) {
    rotate(now);
    return MessageDigest.isEqual(token, token(current, from, target))
        || MessageDigest.isEqual(token, token(previous, from, target));
  }

  private void rotate(long now) {
    if (now - rotatedAt >= 2 * ROTATE) {
      current = secret();
    }
    if (now - rotatedAt >= ROTATE) {
      previous = current;
      current = secret();
      rotatedAt = now;
    }
  }

  private byte[] secret() {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    return secret;
  }

  /** The secret stands on both sides, so that nothing can be appended to what is hashed. */
  private static byte[] token(byte[] secret, InetAddress address, DhtId target) {
    byte[] hash = DhtId.sha1(secret, address.getAddress(), target.toBytes(), secret).toBytes();
    return Arrays.copyOf(hash, LENGTH);
  }
}
