package dev.warren.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.util.concurrent.CompletableFuture;

/**
 * The protocol of the benchmarks as stream handlers. The first byte says what the stream is for:
 * {@link #SINK} counts to the FIN and answers with eight bytes, {@link #ECHO} sends back.
 */
final class StreamHandlers {
  static final byte SINK = 1;
  static final byte ECHO = 2;
  static final int CHUNK = 64 * 1024;

  private StreamHandlers() {}

  static void check(long sent, long counted) {
    if (sent != counted) {
      throw new IllegalStateException("sent " + sent + " bytes, " + counted + " were counted");
    }
  }

  /** What is written again and again: quiche copies it, so one buffer does. */
  private static final ByteBuf ZEROS =
      Unpooled.unreleasableBuffer(
          UnpooledByteBufAllocator.DEFAULT.directBuffer(CHUNK).writeZero(CHUNK));

  /** Asks for more whenever it has had what it asked for; no effect where reads come unasked. */
  private abstract static class Reading extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
      ctx.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.read();
    }
  }

  /** The serving side of a stream. */
  static final class Serving extends Reading {
    private byte kind;
    private long counted;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      QuicStreamFrame frame = (QuicStreamFrame) msg;
      ByteBuf data = frame.content();
      if (kind == 0 && data.isReadable()) {
        kind = data.readByte();
      }
      counted += data.readableBytes();
      boolean fin = frame.hasFin();
      if (kind == ECHO && data.isReadable()) {
        ctx.writeAndFlush(data);
      } else {
        data.release();
      }
      if (fin) {
        ByteBuf answer =
            kind == SINK ? ctx.alloc().directBuffer(8).writeLong(counted) : Unpooled.EMPTY_BUFFER;
        ctx.writeAndFlush(new DefaultQuicStreamFrame(answer, true));
      }
    }
  }

  /** Writes while QUIC takes it, then waits for the count. */
  static final class Writer extends Reading {
    private final long bytes;
    private final CompletableFuture<Long> done;
    private final ByteBuf answer = Unpooled.buffer(8);
    private long left;

    Writer(long bytes, CompletableFuture<Long> done) {
      this.bytes = bytes;
      this.left = bytes;
      this.done = done;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
      super.channelActive(ctx);
      ctx.write(Unpooled.wrappedBuffer(new byte[] {SINK}));
      write(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      write(ctx);
    }

    private void write(ChannelHandlerContext ctx) {
      while (left > 0 && ctx.channel().isWritable()) {
        int n = (int) Math.min(left, CHUNK);
        left -= n;
        ByteBuf data = ZEROS.slice(0, n);
        ctx.write(left == 0 ? new DefaultQuicStreamFrame(data, true) : data);
      }
      ctx.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      QuicStreamFrame frame = (QuicStreamFrame) msg;
      answer.writeBytes(frame.content());
      boolean fin = frame.hasFin();
      frame.release();
      if (fin) {
        done.complete(answer.readableBytes() == 8 ? answer.readLong() : -1);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      done.completeExceptionally(new IllegalStateException("closed with " + left + " of " + bytes));
    }
  }

  /** One message to and fro. */
  static final class Pinger extends Reading {
    private final int size;
    private final long[] nanos;
    private final CompletableFuture<long[]> done;
    private int round;
    private int received;
    private long sent;

    Pinger(int size, int count, CompletableFuture<long[]> done) {
      this.size = size;
      this.nanos = new long[count];
      this.done = done;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
      super.channelActive(ctx);
      ctx.write(Unpooled.wrappedBuffer(new byte[] {ECHO}));
      ping(ctx);
    }

    private void ping(ChannelHandlerContext ctx) {
      sent = System.nanoTime();
      ctx.writeAndFlush(ctx.alloc().directBuffer(size).writeZero(size));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      QuicStreamFrame frame = (QuicStreamFrame) msg;
      received += frame.content().readableBytes();
      frame.release();
      if (received == size) {
        received = 0;
        nanos[round++] = System.nanoTime() - sent;
        if (round < nanos.length) {
          ping(ctx);
        } else {
          ctx.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
          done.complete(nanos);
        }
      }
    }
  }
}
