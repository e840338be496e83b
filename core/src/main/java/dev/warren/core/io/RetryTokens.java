package dev.warren.core.io;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens for QUIC Retry (RFC 9000 section 8.1.2): they prove that who dials can hear us.
 *
 * <pre>
 * token := hmac[16] || issuedAtSeconds[4] || original destination id
 * hmac  := HMAC-SHA256(key, issuedAt || synthetic address || original destination id)[0..16]
 * </pre>
 *
 * The synthetic address stands for one real source while the peer is unknown, and for the node
 * afterwards, so a token cannot be used from elsewhere. Shard loop only.
 */
final class RetryTokens implements QuicTokenHandler {
  /**
   * RFC 9000 section 8.1.3 asks for a short life; iroh's is 15 s (identity-and-tls section 5.1).
   */
  private static final int LIFE_SECONDS = 15;

  private static final int MAC = 16;
  private static final int HEAD = MAC + 4;
  private static final int MAX_ID = 20;

  private final BooleanSupplier wanted;
  private final LongSupplier seconds;
  private final LongAdder written;
  private final Mac hmac;

  RetryTokens(BooleanSupplier wanted, LongSupplier seconds, LongAdder written) {
    this.wanted = wanted;
    this.seconds = seconds;
    this.written = written;
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    try {
      hmac = Mac.getInstance("HmacSHA256");
      hmac.init(new SecretKeySpec(key, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
    if (!wanted.getAsBoolean() || dcid.readableBytes() > MAX_ID) {
      return false;
    }
    int now = (int) seconds.getAsLong();
    byte[] id = bytes(dcid, 0, dcid.readableBytes());
    out.writeBytes(mac(now, address, id)).writeInt(now).writeBytes(id);
    written.increment();
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int n = token.readableBytes();
    if (n < HEAD || n > HEAD + MAX_ID) {
      return -1;
    }
    byte[] mac = bytes(token, 0, MAC);
    int issued = token.getInt(token.readerIndex() + MAC);
    byte[] id = bytes(token, HEAD, n - HEAD);
    int age = (int) seconds.getAsLong() - issued;
    boolean valid =
        age >= 0 && age <= LIFE_SECONDS && MessageDigest.isEqual(mac, mac(issued, address, id));
    return valid ? HEAD : -1;
  }

  @Override
  public int maxTokenLength() {
    return HEAD + MAX_ID;
  }

  private byte[] mac(int issued, InetSocketAddress address, byte[] id) {
    hmac.update(
        new byte[] {
          (byte) (issued >> 24), (byte) (issued >> 16), (byte) (issued >> 8), (byte) issued
        });
    hmac.update(address.getAddress().getAddress());
    byte[] full = hmac.doFinal(id);
    byte[] mac = new byte[MAC];
    System.arraycopy(full, 0, mac, 0, MAC);
    return mac;
  }

  private static byte[] bytes(ByteBuf from, int offset, int length) {
    byte[] copy = new byte[length];
    from.getBytes(from.readerIndex() + offset, copy);
    return copy;
  }
}
