package dev.warren.relay.client.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The whole handshake of the protocol up to 0.90: who the client is and which version it speaks,
 * signed (relay-protocol section B5). Immutable.
 *
 * <pre>
 * type[1] = 2
 * magic[9]         "RELAY" and U+1F511 in UTF-8
 * public key[32]
 * signature[64]    over the message alone
 * message          postcard: version, a varint
 * </pre>
 *
 * <p>The signature is bound to no relay and to no connection: whoever has seen these bytes can show
 * them again. A relay that must not be fooled so does not offer this dialect.
 */
public record ClientInfo(NodeId id, long version) {
  /** The version of everything from before 0.91. */
  public static final int VERSION = 3;

  /** Longest frame taken. The message has at most ten bytes; a later one may say more. */
  public static final int MAX_FRAME = 1024;

  private static final byte[] MAGIC =
      new String(new int[] {'R', 'E', 'L', 'A', 'Y', 0x1f511}, 0, 6)
          .getBytes(StandardCharsets.UTF_8);
  private static final int KEY_AT = 1 + 9;
  private static final int SIGNATURE_AT = KEY_AT + RelayFrames.ID;
  private static final int MESSAGE_AT = SIGNATURE_AT + 64;

  /** A whole frame with its type, of {@link #VERSION}. */
  public static byte[] encode(SecretKey key) {
    byte[] message = {VERSION};
    return ByteBuffer.allocate(MESSAGE_AT + message.length)
        .put((byte) LegacyFrames.CLIENT_INFO)
        .put(MAGIC)
        .put(key.nodeId().toBytes())
        .put(key.sign(message))
        .put(message)
        .array();
  }

  /** What a frame says, if it is one and its signature is good; the version may be any. */
  public static Optional<ClientInfo> verify(byte[] frame) {
    if (frame.length <= MESSAGE_AT
        || frame.length > MAX_FRAME
        || frame[0] != LegacyFrames.CLIENT_INFO
        || !Arrays.equals(frame, 1, KEY_AT, MAGIC, 0, MAGIC.length)) {
      return Optional.empty();
    }
    byte[] message = Arrays.copyOfRange(frame, MESSAGE_AT, frame.length);
    try {
      NodeId id = NodeId.ofBytes(Arrays.copyOfRange(frame, KEY_AT, SIGNATURE_AT));
      long version = new PostcardReader(message).varint(64);
      byte[] signature = Arrays.copyOfRange(frame, SIGNATURE_AT, MESSAGE_AT);
      return id.verify(message, signature)
          ? Optional.of(new ClientInfo(id, version))
          : Optional.empty();
    } catch (KeyParseException | PostcardException e) {
      return Optional.empty();
    }
  }
}
