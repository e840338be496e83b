package dev.warren.relay.client.io;

import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.security.SecureRandom;
import java.util.SplittableRandom;

/** Writes relay frames as masked WebSocket messages. Event loop only. */
final class FrameWriter {
  /**
   * Answers to pings that may wait in a connection that takes no more: an honest relay asks every
   * 15 s, and one that asks without end and never reads must not fill our memory with answers.
   */
  private static final int ANSWERS = 16;

  private final Channel channel;
  // Masks protect proxies from scripts in browsers; ours need not be secret.
  private final SplittableRandom masks = new SplittableRandom(new SecureRandom().nextLong());
  private boolean dirty;
  private int answersWaiting;

  FrameWriter(Channel channel) {
    this.channel = channel;
  }

  /** Whether the connection takes more. */
  boolean isWritable() {
    return channel.isWritable();
  }

  /** A buffer to which exactly {@code length} bytes are to be appended; then {@link #finish}. */
  ByteBuf begin(int length) {
    return begin(WebSocketFrames.BINARY, length);
  }

  private ByteBuf begin(int opcode, int length) {
    int prefix = WebSocketFrames.unmaskedHeader(length) + 4;
    ByteBuf frame = channel.alloc().directBuffer(prefix + length);
    WebSocketFrames.setHeader(frame, 0, opcode, true, length);
    return frame.writerIndex(prefix - 4).writeInt(masks.nextInt());
  }

  /** Masks and writes a frame; it goes out with the next {@link #flush}. Takes ownership. */
  void finish(ByteBuf frame, int length) {
    mask(frame, length);
    channel.write(frame, channel.voidPromise());
    dirty = true;
  }

  private static void mask(ByteBuf frame, int length) {
    int at = frame.writerIndex() - length;
    WebSocketFrames.mask(frame, at, length, frame.getInt(at - 4));
  }

  void flush() {
    if (dirty) {
      dirty = false;
      channel.flush();
    }
  }

  /** A whole relay frame, at once. */
  void send(byte[] frame) {
    message(WebSocketFrames.BINARY, frame);
  }

  /** The answer to a ping, a relay frame, at once; dropped if too many wait already. */
  void answer(int type, byte[] body) {
    if (takesAnswer()) {
      send(type, body);
    }
  }

  /** The answer to a WebSocket ping, likewise. */
  void answerPing(byte[] payload) {
    if (takesAnswer()) {
      message(WebSocketFrames.PONG, payload);
    }
  }

  private boolean takesAnswer() {
    answersWaiting = channel.isWritable() ? 0 : answersWaiting + 1;
    return answersWaiting <= ANSWERS;
  }

  /** A relay frame of this type with these bytes behind it, at once. */
  void send(int type, byte[] body) {
    byte[] frame = new byte[1 + body.length];
    frame[0] = (byte) type;
    System.arraycopy(body, 0, frame, 1, body.length);
    send(frame);
  }

  /** A WebSocket message of any kind, at once. */
  ChannelFuture message(int opcode, byte[] payload) {
    ByteBuf out = begin(opcode, payload.length).writeBytes(payload);
    mask(out, payload.length);
    dirty = false;
    return channel.writeAndFlush(out);
  }
}
