package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * WebSocket framing (RFC 6455 section 5.2) as lean as the relay's hot path wants it: headers are
 * read and written in place, payloads are unmasked where they lie. Stateless.
 *
 * <pre>
 * byte 0   fin, rsv (0), opcode
 * byte 1   mask bit, length (7 bits; 126: 2 more bytes, 127: 8 more)
 * [4]      masking key, if the mask bit is set
 * </pre>
 */
public final class WebSocketFrames {
  public static final int CONTINUATION = 0;
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  /**
   * Largest payload taken: the decoder's limit for a relay frame (relay-protocol section A7).
   * Upstream's WebSocket layer takes 1 MiB, but only relay frames mean anything, and a stranger
   * must not make a relay hold more.
   */
  public static final int MAX_PAYLOAD = RelayFrames.MAX_FRAME + 1;

  /** {@link #headerLength} when more bytes are needed. */
  public static final int INCOMPLETE = -1;

  private WebSocketFrames() {}

  /** Bytes of the header at the reader index, or {@link #INCOMPLETE}. */
  public static int headerLength(ByteBuf in) {
    int n = in.readableBytes();
    if (n < 2) {
      return INCOMPLETE;
    }
    int second = in.getByte(in.readerIndex() + 1);
    int length = second & 0x7f;
    int header = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((second & 0x80) != 0 ? 4 : 0);
    return n < header ? INCOMPLETE : header;
  }

  /** Payload length of the frame at the reader index, whose header is complete. */
  public static long payloadLength(ByteBuf in) {
    int r = in.readerIndex();
    int length = in.getByte(r + 1) & 0x7f;
    return length < 126 ? length : length == 126 ? in.getUnsignedShort(r + 2) : in.getLong(r + 2);
  }

  public static int opcode(ByteBuf in) {
    return in.getByte(in.readerIndex()) & 0x0f;
  }

  /** Whether this is a message's last or only frame. */
  public static boolean isFinal(ByteBuf in) {
    return (in.getByte(in.readerIndex()) & 0x80) != 0;
  }

  /** Whether a reserved bit is set; no extension is ever agreed on, compression least of all. */
  public static boolean isExtended(ByteBuf in) {
    return (in.getByte(in.readerIndex()) & 0x70) != 0;
  }

  public static boolean isMasked(ByteBuf in) {
    return (in.getByte(in.readerIndex() + 1) & 0x80) != 0;
  }

  /** Bytes of an unmasked header for this payload length. */
  public static int unmaskedHeader(int payload) {
    return payload < 126 ? 2 : payload < 65_536 ? 4 : 10;
  }

  /** Writes a header at an index; the mask, if any, follows by the caller. */
  public static void setHeader(ByteBuf out, int at, int opcode, boolean masked, int payload) {
    int mask = masked ? 0x80 : 0;
    out.setByte(at, 0x80 | opcode);
    if (payload < 126) {
      out.setByte(at + 1, mask | payload);
    } else if (payload < 65_536) {
      out.setByte(at + 1, mask | 126);
      out.setShort(at + 2, payload);
    } else {
      out.setByte(at + 1, mask | 127);
      out.setLong(at + 2, payload);
    }
  }

  /** XORs {@code length} bytes from {@code at} with the key, eight at a time. */
  public static void mask(ByteBuf data, int at, int length, int key) {
    // On the memory itself: the buffer's own accessors check bounds and life for each word.
    if (data.nioBufferCount() == 1) {
      mask(data.internalNioBuffer(at, length), key);
    } else {
      for (ByteBuffer part : data.nioBuffers(at, length)) {
        mask(part, key);
        key = Integer.rotateLeft(key, 8 * (part.remaining() & 3));
      }
    }
  }

  /** From its position to its limit, both of which stay; big-endian as all of Netty's. */
  private static void mask(ByteBuffer data, int key) {
    long wide = (long) key << 32 | key & 0xffffffffL;
    int i = data.position();
    int end = data.limit();
    for (; i + 8 <= end; i += 8) {
      data.putLong(i, data.getLong(i) ^ wide);
    }
    for (int k = 0; i < end; i++, k++) {
      data.put(i, (byte) (data.get(i) ^ (int) (wide >> (56 - 8 * k))));
    }
  }
}
