package dev.warren.discovery.dht.wire;

import dev.warren.base.SecretKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A mutable item (BEP 44): a value that the holder of a key has signed. Immutable; the arrays are
 * not copied and not to be changed. A signed packet is one without salt: its time is the sequence
 * number, its DNS message the value (discovery section 8.1).
 *
 * @param key Ed25519 public key, 32 bytes
 * @param salt tells items of one key apart, at most {@link #MAX_SALT} bytes, often none
 * @param seq sequence number: the higher one is the newer
 * @param value bencoded
 * @param signature 64 bytes
 */
public record MutableItem(byte[] key, byte[] salt, long seq, byte[] value, byte[] signature) {
  /** BEP 44. */
  public static final int MAX_SALT = 64;

  /**
   * Bytes of a value, bencoded: BEP 44 allows 1000, but Rust mainline counts those of the string
   * alone, and iroh may use them all (discovery section 8.3): five more for its length.
   */
  public static final int MAX_VALUE = 1005;

  static final int KEY = 32;
  static final int SIGNATURE = 64;

  /** An item whose value is {@code text}, signed by {@code secret}. */
  public static MutableItem sign(SecretKey secret, byte[] salt, long seq, byte[] text) {
    byte[] value = new Bencode.Text(text).encode();
    byte[] signature = secret.sign(signedBytes(salt, seq, value));
    return new MutableItem(secret.nodeId().toBytes(), salt, seq, value, signature);
  }

  /** An item that was signed elsewhere, whose value is {@code text}. */
  public static MutableItem of(byte[] key, long seq, byte[] text, byte[] signature) {
    return new MutableItem(key, new byte[0], seq, new Bencode.Text(text).encode(), signature);
  }

  /** Where the items of {@code key} with {@code salt} lie. */
  public static DhtId target(byte[] key, byte[] salt) {
    return DhtId.sha1(key, salt);
  }

  /** Where it lies. */
  public DhtId target() {
    return target(key, salt);
  }

  /** What the signature is over. */
  byte[] signedBytes() {
    return signedBytes(salt, seq, value);
  }

  private static byte[] signedBytes(byte[] salt, long seq, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (salt.length > 0) {
      out.writeBytes(ascii("4:salt"));
      out.writeBytes(new Bencode.Text(salt).encode());
    }
    out.writeBytes(ascii("3:seqi" + seq + "e1:v"));
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether the holder of the key signed it. About 0.2 ms. */
  public boolean verify() {
    byte[] message = signedBytes();
    return Ed25519.verify(signature, 0, key, 0, message, 0, message.length);
  }

  /**
   * Whether it replaces {@code other} of the same key and salt: higher sequence number, on a tie
   * the greater value (discovery sections 4.5, 8.2).
   */
  public boolean isNewerThan(MutableItem other) {
    int order = Long.compare(seq, other.seq);
    return order > 0 || order == 0 && Arrays.compareUnsigned(value, other.value) > 0;
  }

  /** The bytes of the string that the value is. */
  public byte[] text() throws DhtFormatException {
    if (Bencode.parse(value) instanceof Bencode.Text text) {
      return text.bytes();
    }
    throw new DhtFormatException("the value is no string");
  }

  /** By contents, as the arrays of a record are not. */
  @Override
  public boolean equals(Object o) {
    return o instanceof MutableItem other
        && seq == other.seq
        && Arrays.equals(key, other.key)
        && Arrays.equals(salt, other.salt)
        && Arrays.equals(value, other.value)
        && Arrays.equals(signature, other.signature);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "MutableItem(" + target() + " seq " + seq + ", " + value.length + " bytes)";
  }
}
