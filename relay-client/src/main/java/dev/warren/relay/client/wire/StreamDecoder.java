package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into frames that are handed on where they lie in the receive buffer. After a
 * second it keeps no more memory than the frame that is begun: a peer that fills a buffer of 512
 * KiB but for its last byte would else hold all of it with a frame that it never ends. Event loop
 * only.
 */
public abstract class StreamDecoder extends ByteToMessageDecoder {
  /** A buffer of up to so many bytes is not worth a copy. */
  private static final int SMALL = 4096;

  /** How long a frame may stay in the buffer that it came in. */
  private static final int PATIENCE_MILLIS = 1000;

  /** Whose memory is given back if it is still held then; only compared. */
  private @Nullable ByteBuf watched;

  /** Reads on after frames were not wanted. */
  public final void resume(ChannelHandlerContext ctx) throws Exception {
    channelRead(ctx, ctx.alloc().buffer(0, 0));
  }

  /**
   * Bytes that are still missing of the frame that is begun, or of its header; 0 if that cannot be
   * said.
   */
  protected abstract int missing();

  /**
   * Does not ask the channel for more. The decoder that this extends would, for it has never handed
   * anything on when auto-read is off, and who has turned it off means it.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    discardSomeReadBytes();
    watch(ctx);
    ctx.fireChannelReadComplete();
  }

  /** Not at once: in bulk nearly every read ends inside a frame, whose rest is on its way. */
  private void watch(ChannelHandlerContext ctx) {
    if (watched == null && isOversized()) {
      watched = internalBuffer();
      ctx.executor().schedule(() -> look(ctx), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private boolean isOversized() {
    int have = actualReadableBytes();
    return have > 0 && internalBuffer().capacity() > Math.max(SMALL, 2 * have);
  }

  private void look(ChannelHandlerContext ctx) {
    boolean stays = watched == internalBuffer();
    watched = null;
    if (stays && isOversized()) {
      leaveBuffer(ctx);
    } else {
      watch(ctx);
    }
  }

  /** With half a frame there, room is made for the whole. */
  private void leaveBuffer(ChannelHandlerContext ctx) {
    int have = actualReadableBytes();
    int missing = missing();
    ByteBuf own = ctx.alloc().buffer(missing <= have ? have + missing : have);
    own.writeBytes(internalBuffer());
    try {
      // Not the overridden one: these bytes have been counted.
      super.channelRead(ctx, own);
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }
}
