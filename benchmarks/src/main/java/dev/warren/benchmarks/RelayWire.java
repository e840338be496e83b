package dev.warren.benchmarks;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.params.Blake3Parameters;

/**
 * A relay client's bytes, made without Warren's own codec: what is measured here is the relay, so
 * its clients do as little as they can, and send frames that were made before. Stateless.
 */
final class RelayWire {
  static final int CHALLENGE = 0;
  static final int CLIENT_AUTH = 1;
  static final int CONFIRMED = 2;
  static final int PING = 9;
  static final int PONG = 10;
  private static final int SINGLE = 4;
  private static final int BATCH = 5;

  /** What QUIC puts into a datagram on most paths. */
  private static final int SEGMENT = 1_200;

  private static final byte[] CONTEXT =
      "iroh-relay handshake v1 challenge signature".getBytes(StandardCharsets.US_ASCII);

  private RelayWire() {}

  static byte[] upgrade(String host) {
    return ("GET /relay HTTP/1.1\r\nHost: "
            + host
            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The answer to a challenge, in its WebSocket frame. */
  static byte[] clientAuth(SecretKey key, byte[] challenge) {
    Blake3Digest blake3 = new Blake3Digest();
    blake3.init(Blake3Parameters.context(CONTEXT));
    blake3.update(challenge, 0, challenge.length);
    byte[] message = new byte[32];
    blake3.doFinal(message, 0);
    return masked(
        ByteBuffer.allocate(98)
            .put((byte) CLIENT_AUTH)
            .put(key.nodeId().toBytes())
            .put((byte) 64)
            .put(key.sign(message))
            .array());
  }

  /** A whole WebSocket frame for the relay: one datagram, or a batch of those that fit. */
  static byte[] datagrams(NodeId to, int payload) {
    boolean batch = payload > SEGMENT;
    ByteBuffer frame = ByteBuffer.allocate((batch ? 36 : 34) + payload);
    frame.put((byte) (batch ? BATCH : SINGLE)).put(to.toBytes()).put((byte) 0);
    if (batch) {
      frame.putShort((short) SEGMENT);
    }
    byte[] random = new byte[payload];
    ThreadLocalRandom.current().nextBytes(random);
    return masked(frame.put(random).array());
  }

  static byte[] pong(byte[] ping) {
    return masked(ByteBuffer.allocate(9).put((byte) PONG).put(ping).array());
  }

  private static byte[] masked(byte[] frame) {
    int n = frame.length;
    ByteBuffer out = ByteBuffer.allocate(n + 8);
    out.put((byte) 0x82);
    if (n < 126) {
      out.put((byte) (0x80 | n));
    } else {
      out.put((byte) (0x80 | 126)).putShort((short) n);
    }
    byte[] mask = new byte[4];
    ThreadLocalRandom.current().nextBytes(mask);
    out.put(mask);
    for (int i = 0; i < n; i++) {
      out.put((byte) (frame[i] ^ mask[i % 4]));
    }
    byte[] exact = new byte[out.position()];
    out.flip().get(exact);
    return exact;
  }
}
