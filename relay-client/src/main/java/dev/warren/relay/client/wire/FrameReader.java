package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream after the upgrade into relay frames and hands each to {@link #onFrame}, as a
 * slice of the receive buffer that starts at the WebSocket header. A fragmented message, which no
 * known implementation sends, is put together in a buffer of its own. Text is skipped, Close ends
 * the connection.
 *
 * <p>Any violation closes the connection; there is no resynchronising, and what came with it is not
 * read. Event loop only.
 */
public abstract class FrameReader extends StreamDecoder {
  /** Longest payload of Close, Ping and Pong (RFC 6455 section 5.5). */
  private static final int MAX_CONTROL = 125;

  /** Room that every frame has before its type at least: that of the longest header. */
  private static final int ROOM = 14;

  private final boolean expectMasked;
  private boolean ended;
  private int fragmented = WebSocketFrames.CONTINUATION;
  private @Nullable ByteBuf fragments;

  protected FrameReader(boolean expectMasked) {
    this.expectMasked = expectMasked;
  }

  /** Longest relay frame taken now, its type included; longer ones are not waited for. */
  protected int maxFrame() {
    return WebSocketFrames.MAX_PAYLOAD;
  }

  /**
   * Whether frames are wanted now. While they are not, what has arrived is kept; {@link #resume}
   * goes on with it. Who answers false also stops reading from the channel.
   */
  protected boolean wantsFrames() {
    return true;
  }

  /**
   * Completes the frame that is begun by itself: the decoder that this extends would copy all that
   * has come behind the rest of it, and what comes are hundreds of kilobytes.
   */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (!(message instanceof ByteBuf in)) {
      super.channelRead(ctx, message);
      return;
    }
    boolean handedOn = false;
    try {
      for (int n = missing(); n > 0 && n < in.readableBytes(); n = missing()) {
        super.channelRead(ctx, in.readRetainedSlice(n));
      }
      handedOn = true;
      super.channelRead(ctx, in);
    } finally {
      if (!handedOn) {
        in.release();
      }
    }
  }

  @Override
  protected final int missing() {
    int have = actualReadableBytes();
    if (have == 0 || ended) {
      return 0;
    }
    ByteBuf begun = internalBuffer();
    int header = WebSocketFrames.headerLength(begun);
    if (header == WebSocketFrames.INCOMPLETE) {
      return 1;
    }
    // What is too long has been refused.
    return Math.max(0, header + (int) WebSocketFrames.payloadLength(begun) - have);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (ended) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int header = WebSocketFrames.headerLength(in);
    if (header == WebSocketFrames.INCOMPLETE || !wantsFrames()) {
      return;
    }
    long payload = WebSocketFrames.payloadLength(in);
    check(in, payload);
    if (in.readableBytes() < header + payload) {
      return;
    }
    int first = in.readerIndex();
    int opcode = WebSocketFrames.opcode(in);
    boolean whole = WebSocketFrames.isFinal(in);
    int at = first + header;
    int length = (int) payload;
    in.skipBytes(header + length);
    if (expectMasked) {
      WebSocketFrames.mask(in, at, length, in.getInt(at - 4));
    }
    if (opcode == WebSocketFrames.CLOSE) {
      onClose(ctx, in, at, length);
      endConnection(ctx);
    } else if (opcode == WebSocketFrames.PING) {
      onPing(ctx, in, at, length);
    } else if (opcode < WebSocketFrames.CLOSE) {
      if (whole && opcode != WebSocketFrames.CONTINUATION) {
        message(ctx, opcode, in, at, length);
      } else {
        onFragment(ctx, opcode, whole, in, at, length);
      }
    }
  }

  private void check(ByteBuf in, long payload) {
    int opcode = WebSocketFrames.opcode(in);
    boolean control = opcode >= WebSocketFrames.CLOSE;
    int soFar = fragments == null ? 0 : fragments.readableBytes();
    if (payload < 0 || payload > (control ? MAX_CONTROL : maxFrame() - soFar)) {
      throw new TooLongFrameException("WebSocket frame of " + payload + " bytes");
    }
    if (control ? opcode > WebSocketFrames.PONG : opcode > WebSocketFrames.BINARY) {
      throw new CorruptedFrameException("reserved WebSocket opcode " + opcode); // RFC 6455 5.2
    }
    if (WebSocketFrames.isExtended(in)
        || WebSocketFrames.isMasked(in) != expectMasked
        || control && !WebSocketFrames.isFinal(in)) {
      throw new CorruptedFrameException("extended, wrongly masked or cut WebSocket frame");
    }
    boolean inside = fragmented != WebSocketFrames.CONTINUATION;
    if (!control && inside != (opcode == WebSocketFrames.CONTINUATION)) {
      throw new CorruptedFrameException("a fragment where none, or none where one, belongs");
    }
  }

  private void message(ChannelHandlerContext ctx, int opcode, ByteBuf buffer, int at, int length) {
    if (opcode == WebSocketFrames.BINARY) {
      if (length == 0) {
        throw new CorruptedFrameException("empty relay frame");
      }
      onFrame(ctx, buffer, at, length);
    }
  }

  private void onFragment(
      ChannelHandlerContext ctx, int opcode, boolean last, ByteBuf in, int at, int length) {
    if (opcode != WebSocketFrames.CONTINUATION) {
      fragmented = opcode;
    }
    if (fragments == null) {
      fragments = ctx.alloc().directBuffer(ROOM + length, ROOM + maxFrame());
      fragments.writeZero(ROOM).skipBytes(ROOM);
    }
    if (fragmented == WebSocketFrames.BINARY) {
      fragments.writeBytes(in, at, length);
    }
    if (last) {
      ByteBuf all = fragments;
      int what = fragmented;
      fragments = null;
      fragmented = WebSocketFrames.CONTINUATION;
      try {
        message(ctx, what, all, ROOM, all.readableBytes());
      } finally {
        all.release();
      }
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
    if (fragments != null) {
      fragments.release();
      fragments = null;
    }
  }

  /** Closes the connection; frames that have arrived already are thrown away. */
  protected final void endConnection(ChannelHandlerContext ctx) {
    ended = true;
    ctx.close();
  }

  /**
   * One relay frame: its type is the byte at {@code at}. The buffer must be retained or sliced to
   * keep it. Of the bytes before it at least those of its WebSocket header may be overwritten.
   */
  protected abstract void onFrame(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length);

  /**
   * A WebSocket ping with its payload. Not answered unless this is overridden: nobody sends any,
   * and a 0.35 peer must never be sent a pong that it did not ask for (relay-protocol section B8).
   */
  protected void onPing(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {}

  /** A WebSocket Close with its payload; the connection ends right afterwards. */
  protected void onClose(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {}
}
