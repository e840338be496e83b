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
   * Frames that are less than this share of their receive buffer are copied when the channel has a
   * backlog: 36 bytes can pin 512 KiB. The channel's 512 KiB (its high mark) so keep 8 MiB at most,
   * and what QUIC sends in bulk, 48 to 64 KiB a frame, is not copied.
   */
  private static final int BACKLOG_SHARE = 16;

  /** As {@link #BACKLOG_SHARE}, in the queue behind the channel, which may be long. */
  private static final int QUEUE_SHARE = 2;

  /** Frames of fewer bytes are copied in any case, if they are as small a share. */
  private static final int SLIVER = 1024;

  private @Nullable ArrayDeque<ByteBuf> waiting;
  private long bytes;
  private boolean closed;

  /**
   * Takes ownership.
   *
   * @return false if there is no room and the frame was dropped
   */
  boolean add(ChannelHandlerContext ctx, ByteBuf frame, RelayLimits limits, Pressure pressure) {
    Channel channel = ctx.channel();
    int n = frame.readableBytes();
    boolean behind = !isEmpty() || waits(channel);
    int allowance =
        behind
            ? pressure.allowance(ctx.alloc(), ctx.executor().ticker().nanoTime())
            : Pressure.NONE;
    if (closed) {
      frame.release();
    } else if (allowance != Pressure.NONE && isTooMuch(channel, n, allowance)) {
      frame.release();
      return false;
    } else if (isEmpty() && channel.isWritable()) {
      boolean mayLie = n < SLIVER || behind;
      ctx.write(mayLie ? compact(ctx, frame, backlogShare(allowance)) : frame, ctx.voidPromise());
    } else if (size() < limits.queueFrames() && bytes + n <= limits.queueBytes()) {
      if (waiting == null) {
        waiting = new ArrayDeque<>();
      }
      waiting.add(compact(ctx, frame, QUEUE_SHARE));
      bytes += n;
      ctx.flush();
    } else {
      frame.release();
      return false;
    }
    return true;
  }

  private boolean isTooMuch(Channel channel, int more, int allowance) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    long lies = bytes + (out == null ? 0 : out.totalPendingWriteBytes());
    return lies > 0 && lies + more > allowance;
  }

  /** While memory is short, a frame keeps no more of it than it needs. */
  private static int backlogShare(int allowance) {
    return allowance == Pressure.NONE ? BACKLOG_SHARE : QUEUE_SHARE;
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
  private static ByteBuf compact(ChannelHandlerContext ctx, ByteBuf frame, int share) {
    int n = frame.readableBytes();
    if (keeps(frame) <= share * n) {
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
