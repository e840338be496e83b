package dev.warren.relay.client.io;

import dev.warren.relay.client.wire.FrameReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/** Brings what a connection reads to its {@link RelayChannel}. Event loop only. */
final class ChannelFrames extends FrameReader {
  /** Stands for a Close without a code (RFC 6455 section 7.1.5). */
  private static final int NO_CODE = 1005;

  private final RelayChannel relay;

  ChannelFrames(RelayChannel relay) {
    super(false);
    this.relay = relay;
  }

  @Override
  protected void onFrame(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
    if (!relay.onFrame(buffer, at, length)) {
      endConnection(ctx);
    }
  }

  @Override
  protected void onPing(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
    relay.onWebSocketPing(ByteBufUtil.getBytes(buffer, at, length));
  }

  @Override
  protected void onClose(ChannelHandlerContext ctx, ByteBuf buffer, int at, int length) {
    boolean coded = length >= 2;
    relay.onClose(
        coded ? buffer.getUnsignedShort(at) : NO_CODE,
        coded ? buffer.toString(at + 2, length - 2, StandardCharsets.UTF_8) : "");
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    super.channelReadComplete(ctx);
    relay.onReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    relay.onWritable(ctx.channel().isWritable());
    super.channelWritabilityChanged(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    relay.onViolation(String.valueOf(error.getMessage()));
  }
}
