package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.FrameReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** Frames of clients in binary WebSocket messages. Event loop only. */
final class WebSocketReader extends FrameReader implements StreamReader {
  private final FrameSink sink;

  WebSocketReader(FrameSink sink) {
    super(true);
    this.sink = sink;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf bytes && bytes.isReadable()) {
      sink.onBytes(bytes.readableBytes());
    }
    super.channelRead(ctx, message);
  }

  @Override
  protected int maxFrame() {
    return sink.maxFrame();
  }

  @Override
  protected boolean wantsFrames() {
    return sink.wantsFrames();
  }

  @Override
  protected void onFrame(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
    sink.onFrame(buffer.getUnsignedByte(at), buffer, at + 1, length - 1);
  }

  @Override
  protected void onPing(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
    sink.onWebSocketPing(buffer, at, length);
  }

  @Override
  public void end(ChannelHandlerContext ctx) {
    endConnection(ctx);
  }
}
