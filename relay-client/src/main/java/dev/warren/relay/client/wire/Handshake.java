package dev.warren.relay.client.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.params.Blake3Parameters;

/** The signatures of the relay handshake (relay-protocol section A5). Stateless. */
public final class Handshake {
  /** Bytes of a challenge. */
  public static final int CHALLENGE = 16;

  /** Bytes of a reason at most: an explanation, no more, and its length has two bytes. */
  public static final int MAX_REASON = 800;

  private static final byte[] CONTEXT =
      "iroh-relay handshake v1 challenge signature".getBytes(StandardCharsets.US_ASCII);
  private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Handshake() {}

  /** What is signed: BLAKE3 in key derivation mode over the challenge. */
  public static byte[] message(byte[] challenge) {
    Blake3Digest blake3 = new Blake3Digest();
    blake3.init(Blake3Parameters.context(CONTEXT));
    blake3.update(challenge, 0, challenge.length);
    byte[] out = new byte[32];
    blake3.doFinal(out, 0);
    return out;
  }

  /** A whole ClientAuth frame. */
  public static byte[] clientAuth(SecretKey key, byte[] challenge) {
    return ByteBuffer.allocate(RelayFrames.CLIENT_AUTH_LENGTH)
        .put((byte) RelayFrames.CLIENT_AUTH)
        .put(key.nodeId().toBytes())
        .put((byte) 64)
        .put(key.sign(message(challenge)))
        .array();
  }

  /** The id that a ClientAuth frame proves for this challenge, if it does. */
  public static Optional<NodeId> verify(byte[] frame, byte[] challenge) {
    if (frame.length < RelayFrames.CLIENT_AUTH_LENGTH
        || frame[0] != RelayFrames.CLIENT_AUTH
        || frame[33] != 64) {
      return Optional.empty();
    }
    try {
      NodeId id = NodeId.ofBytes(Arrays.copyOfRange(frame, 1, 33));
      byte[] signature = Arrays.copyOfRange(frame, 34, 98);
      return id.verify(message(challenge), signature) ? Optional.of(id) : Optional.empty();
    } catch (KeyParseException e) {
      return Optional.empty();
    }
  }

  /** A whole Denied frame; of the reason at most {@value #MAX_REASON} bytes are sent. */
  public static byte[] denied(String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int n = Math.min(text.length, MAX_REASON);
    while (n < text.length && n > 0 && (text[n] & 0xc0) == 0x80) {
      n--; // not inside a character
    }
    ByteBuffer frame = ByteBuffer.allocate(1 + (n < 128 ? 1 : 2) + n);
    frame.put((byte) RelayFrames.DENIED);
    if (n < 128) {
      frame.put((byte) n);
    } else {
      frame.put((byte) (n | 0x80)).put((byte) (n >> 7));
    }
    return frame.put(text, 0, n).array();
  }

  /** The Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2). */
  public static String websocketAccept(String key) {
    try {
      byte[] sha1 =
          MessageDigest.getInstance("SHA-1")
              .digest((key + WEBSOCKET_GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(sha1);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
