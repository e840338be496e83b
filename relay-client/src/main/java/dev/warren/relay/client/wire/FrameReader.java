package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;

/**
 * Cuts the byte stream after the upgrade into relay frames and hands each to {@link #onFrame}, as a
 * slice of the receive buffer that starts at the WebSocket header. Fragmented messages are refused:
 * no implementation sends them. Text is skipped, Close ends the connection, WebSocket pings are not
 * answered, since a 0.35 peer must never be sent a pong (relay-protocol section B8) and nobody
 * sends pings.
 *
 * <p>Any violation closes the connection; there is no resynchronising, and what came with it is not
 * read. Event loop only.
 */
public abstract class FrameReader extends ByteToMessageDecoder {
  private final boolean expectMasked;
  private boolean ended;

  protected FrameReader(boolean expectMasked) {
    this.expectMasked = expectMasked;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (ended) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int header = WebSocketFrames.headerLength(in);
    if (header == WebSocketFrames.INCOMPLETE) {
      return;
    }
    long payload = WebSocketFrames.payloadLength(in);
    int opcode = WebSocketFrames.opcode(in);
    if (payload < 0 || payload > WebSocketFrames.MAX_PAYLOAD) {
      throw new TooLongFrameException("WebSocket frame of " + payload + " bytes");
    }
    if (!WebSocketFrames.isWhole(in) || WebSocketFrames.isMasked(in) != expectMasked) {
      throw new CorruptedFrameException("fragmented, extended or wrongly masked WebSocket frame");
    }
    if (in.readableBytes() < header + payload) {
      return;
    }
    int start = in.readerIndex();
    int length = (int) payload;
    in.skipBytes(header + length);
    if (opcode == WebSocketFrames.CLOSE) {
      endConnection(ctx);
    } else if (opcode == WebSocketFrames.BINARY) {
      if (length == 0) {
        throw new CorruptedFrameException("empty relay frame");
      }
      if (expectMasked) {
        WebSocketFrames.mask(in, start + header, length, in.getInt(start + header - 4));
      }
      onFrame(ctx, in, start + header, length);
    }
  }

  /** Closes the connection; frames that have arrived already are thrown away. */
  protected final void endConnection(ChannelHandlerContext ctx) {
    ended = true;
    ctx.close();
  }

  /**
   * One relay frame: its type is the byte at {@code at}. The buffer must be retained or sliced to
   * keep it. At least {@code headerRoom} = the WebSocket header's bytes lie before it.
   */
  protected abstract void onFrame(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length);
}
