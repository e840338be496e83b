package dev.warren.relay.server.io;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * Ends the connection of a client that takes next to nothing of what waits for it. Nothing is
 * written while a channel is unwritable, so its backlog only shrinks; if it does not by a fair
 * amount in two seconds, that is the end. The limit is on progress, not on being behind. Event loop
 * only.
 */
final class StallWatch {
  /** Relay-protocol section A8. */
  private static final int SECONDS = 2;

  /** Bytes a client must take in that time while it has a backlog: 16 kbit/s. */
  private static final int LEAST_PROGRESS = 4096;

  private int stalls;

  /** The channel has become unwritable. */
  void onUnwritable(ChannelHandlerContext ctx, Runnable stuck) {
    stalls++;
    watch(ctx, stuck, stalls);
  }

  private void watch(ChannelHandlerContext ctx, Runnable stuck, int stall) {
    long before = ctx.channel().bytesBeforeWritable();
    ctx.executor().schedule(() -> look(ctx, stuck, stall, before), SECONDS, TimeUnit.SECONDS);
  }

  /** A backlog of a later stall says nothing about this one. */
  private void look(ChannelHandlerContext ctx, Runnable stuck, int stall, long before) {
    if (stall != stalls || !ctx.channel().isActive() || ctx.channel().isWritable()) {
      return;
    }
    long taken = before - ctx.channel().bytesBeforeWritable();
    if (taken < Math.max(1, Math.min(LEAST_PROGRESS, before))) {
      stuck.run();
    } else {
      watch(ctx, stuck, stall);
    }
  }
}
