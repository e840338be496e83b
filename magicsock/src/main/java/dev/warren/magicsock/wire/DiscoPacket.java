package dev.warren.magicsock.wire;

import dev.warren.magicsock.wire.DiscoException.Fault;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.ChaChaEngine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * A disco message on the wire (disco sections 1 and 2).
 *
 * <pre>
 * 0   6   magic 54 53 f0 9f 92 ac
 * 6   32  sender's node id (Ed25519)
 * 38  16  Poly1305 tag
 * 54  n   ciphertext
 * 54+n 24 nonce                      (last, not first)
 * </pre>
 *
 * The cipher is XChaCha20-Poly1305 in the secretbox construction: the key stream's first 32 bytes
 * are the MAC key and the message continues inside the same block. It is not the IETF AEAD.
 * Stateless.
 */
public final class DiscoPacket {
  static final int MAGIC_HEAD = 0x5453f09f;
  static final short MAGIC_TAIL = (short) 0x92ac;

  /** Bytes before the sealed body. */
  public static final int HEADER = 38;

  /** Bytes of the nonce. */
  public static final int NONCE = 24;

  private static final int TAG = 16;
  private static final byte[] MAGIC = {
    0x54, 0x53, (byte) 0xf0, (byte) 0x9f, (byte) 0x92, (byte) 0xac
  };
  private static final byte[] SIGMA = {
    'e', 'x', 'p', 'a', 'n', 'd', ' ', '3', '2', '-', 'b', 'y', 't', 'e', ' ', 'k'
  };

  private DiscoPacket() {}

  /** The key that two nodes share, the same in both directions; costs a scalar multiplication. */
  public static byte[] boxKey(byte[] ownScalar, byte[] theirPoint) {
    byte[] shared = new byte[32];
    X25519.calculateAgreement(ownScalar, 0, theirPoint, 0, shared, 0);
    return hChaCha20(shared, new byte[16]);
  }

  /** Seals {@code plain}; {@code nonce} must be fresh. */
  public static byte[] seal(byte[] sender, byte[] boxKey, byte[] plain, byte[] nonce) {
    byte[] packet = new byte[HEADER + TAG + plain.length + NONCE];
    System.arraycopy(MAGIC, 0, packet, 0, MAGIC.length);
    System.arraycopy(sender, 0, packet, MAGIC.length, 32);
    ChaChaEngine stream = stream(boxKey, nonce);
    byte[] macKey = stream(stream, new byte[32]);
    stream.processBytes(plain, 0, plain.length, packet, HEADER + TAG);
    byte[] tag = tag(macKey, packet, HEADER + TAG, plain.length);
    System.arraycopy(tag, 0, packet, HEADER, TAG);
    System.arraycopy(nonce, 0, packet, packet.length - NONCE, NONCE);
    return packet;
  }

  /** The sender that a packet names, unproved. The length must have been checked. */
  public static byte[] sender(byte[] packet) {
    return Arrays.copyOfRange(packet, MAGIC.length, HEADER);
  }

  /** Opens a packet: success proves that it was sealed with the box key. */
  public static byte[] open(byte[] boxKey, byte[] packet) throws DiscoException {
    int n = packet.length - HEADER - TAG - NONCE;
    if (n < 0) {
      throw new DiscoException(Fault.BAD_KEY, "too short to be sealed");
    }
    byte[] nonce = Arrays.copyOfRange(packet, packet.length - NONCE, packet.length);
    ChaChaEngine stream = stream(boxKey, nonce);
    byte[] tag = tag(stream(stream, new byte[32]), packet, HEADER + TAG, n);
    if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(packet, HEADER, HEADER + TAG))) {
      throw new DiscoException(Fault.BAD_KEY, "not sealed for us");
    }
    byte[] plain = new byte[n];
    stream.processBytes(packet, HEADER + TAG, n, plain, 0);
    return plain;
  }

  private static ChaChaEngine stream(byte[] boxKey, byte[] nonce) {
    byte[] subkey = hChaCha20(boxKey, Arrays.copyOf(nonce, 16));
    ChaChaEngine engine = new ChaChaEngine(20);
    engine.init(
        true, new ParametersWithIV(new KeyParameter(subkey), Arrays.copyOfRange(nonce, 16, NONCE)));
    return engine;
  }

  private static byte[] stream(ChaChaEngine engine, byte[] zeros) {
    engine.processBytes(zeros, 0, zeros.length, zeros, 0);
    return zeros;
  }

  private static byte[] tag(byte[] key, byte[] data, int offset, int length) {
    Poly1305 mac = new Poly1305();
    mac.init(new KeyParameter(key));
    mac.update(data, offset, length);
    byte[] tag = new byte[TAG];
    mac.doFinal(tag, 0);
    return tag;
  }

  /**
   * HChaCha20 (draft-irtf-cfrg-xchacha section 2.2): the block function without the final addition.
   */
  static byte[] hChaCha20(byte[] key, byte[] input) {
    int[] x = new int[16];
    for (int i = 0; i < 4; i++) {
      x[i] = word(SIGMA, i);
      x[12 + i] = word(input, i);
    }
    for (int i = 0; i < 8; i++) {
      x[4 + i] = word(key, i);
    }
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 4; i++) {
        quarter(x, i, 4 + i, 8 + i, 12 + i);
      }
      for (int i = 0; i < 4; i++) {
        quarter(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
      }
    }
    byte[] out = new byte[32];
    for (int i = 0; i < 4; i++) {
      put(out, i, x[i]);
      put(out, 4 + i, x[12 + i]);
    }
    return out;
  }

  private static void quarter(int[] x, int a, int b, int c, int d) {
    x[a] += x[b];
    x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
  }

  private static int word(byte[] b, int i) {
    int o = 4 * i;
    return b[o] & 0xff | (b[o + 1] & 0xff) << 8 | (b[o + 2] & 0xff) << 16 | (b[o + 3] & 0xff) << 24;
  }

  private static void put(byte[] b, int i, int word) {
    for (int k = 0; k < 4; k++) {
      b[4 * i + k] = (byte) (word >> (8 * k));
    }
  }
}
