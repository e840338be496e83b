package dev.warren.relay.server.io;

import dev.warren.relay.server.limits.RelayLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Finished frames on their way to one client: straight to the channel while that takes them, else
 * in a queue bounded in frames and in bytes. Holds no memory while it is empty. Event loop only.
 */
final class OutboundQueue {
  /**
   * Frames of fewer bytes, and less than this share of their buffer, are copied: 36 bytes can pin
   * the 512 KiB of the largest receive buffer.
   */
  private static final int SLIVER = 1024;

  private static final int SLIVER_SHARE = 16;

  private @Nullable ArrayDeque<ByteBuf> waiting;
  private long bytes;
  private boolean closed;

  /** Takes ownership; false if there is no room and the frame was dropped. */
  boolean add(ChannelHandlerContext ctx, ByteBuf frame, RelayLimits limits) {
    Channel channel = ctx.channel();
    int n = frame.readableBytes();
    if (closed) {
      frame.release();
    } else if (isEmpty() && channel.isWritable()) {
      boolean copy = waits(channel) || n < SLIVER && keeps(frame) > SLIVER_SHARE * n;
      ctx.write(copy ? compact(ctx, frame) : frame, ctx.voidPromise());
    } else if (size() < limits.queueFrames() && bytes + n <= limits.queueBytes()) {
      if (waiting == null) {
        waiting = new ArrayDeque<>();
      }
      waiting.add(compact(ctx, frame));
      bytes += n;
      ctx.flush();
    } else {
      frame.release();
      return false;
    }
    return true;
  }

  /** The channel takes more. */
  void drain(ChannelHandlerContext ctx) {
    while (!isEmpty() && ctx.channel().isWritable()) {
      ByteBuf frame = waiting.poll();
      bytes -= frame.readableBytes();
      ctx.write(frame, ctx.voidPromise());
    }
    ctx.flush();
  }

  /** Gives the memory back that a burst has left. */
  void trim() {
    if (isEmpty()) {
      waiting = null;
    }
  }

  void close() {
    closed = true;
    if (waiting != null) {
      waiting.forEach(ByteBuf::release);
      waiting = null;
    }
    bytes = 0;
  }

  private boolean isEmpty() {
    return waiting == null || waiting.isEmpty();
  }

  private int size() {
    return waiting == null ? 0 : waiting.size();
  }

  /** Whether the socket has not taken yet what was flushed, so that a frame may lie for long. */
  private static boolean waits(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out != null && !out.isEmpty();
  }

  /**
   * A frame that has to wait is copied out of the receive buffer that it is a slice of, if it is
   * but a small part of that: 512 of them would otherwise hold 256 MiB.
   */
  private static ByteBuf compact(ChannelHandlerContext ctx, ByteBuf frame) {
    int n = frame.readableBytes();
    if (keeps(frame) <= 2 * n) {
      return frame;
    }
    try {
      return ctx.alloc().directBuffer(n, n).writeBytes(frame);
    } finally {
      frame.release();
    }
  }

  /** Bytes of the memory that a frame keeps: those of what it is a slice of. */
  private static int keeps(ByteBuf frame) {
    int most = 0;
    for (ByteBuf b = frame; b != null; b = b.unwrap()) {
      most = Math.max(most, b.capacity());
    }
    return most;
  }
}
