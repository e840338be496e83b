package dev.warren.relay.server.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.relay.server.limits.RelayLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.Test;

class PressureTest {
  private static final long SAMPLE = 5_000_000;
  private static final int CHUNK = 8192 << 6;

  private final PooledByteBufAllocator allocator =
      new PooledByteBufAllocator(true, 0, 1, 8192, 6, 0, 0, false);

  @Test
  void theAllowanceShrinksAsMemoryIsUsedAndComesBack() {
    Pressure pressure = new Pressure(4L * CHUNK, -5);
    long now = -5;
    assertThat(pressure.allowance(allocator, now)).isEqualTo(Pressure.NONE);
    ByteBuf[] used = new ByteBuf[4];
    int[] expected = {Pressure.NONE, Pressure.NONE, Pressure.LITTLE, Pressure.LEAST};
    for (int i = 0; i < 4; i++) {
      used[i] = allocator.directBuffer(CHUNK, CHUNK);
      assertThat(pressure.allowance(allocator, now += SAMPLE))
          .as(i + 1 + " chunks")
          .isEqualTo(expected[i]);
    }
    for (ByteBuf buffer : used) {
      buffer.release();
    }
    assertThat(pressure.allowance(allocator, now + SAMPLE - 1)).isEqualTo(Pressure.LEAST);
    assertThat(pressure.allowance(allocator, now + SAMPLE)).isEqualTo(Pressure.NONE);
  }

  @Test
  void whatMayNotLieIsDroppedAndWhatDoesLieIsCopied() {
    ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
    EmbeddedRelay.Socket socket = new EmbeddedRelay.Socket(handler);
    socket.full = true;
    socket.freezeTime();
    socket.config().setAllocator(allocator);
    Pressure little = new Pressure(2L * CHUNK - 2, 0);
    ChannelHandlerContext ctx = socket.pipeline().context(handler);
    OutboundQueue queue = new OutboundQueue();
    ByteBuf read = allocator.directBuffer(CHUNK, CHUNK).writeZero(CHUNK);
    try {
      int taken = 0;
      while (queue.add(ctx, read.retainedSlice(0, 30_000), RelayLimits.defaults(), little)) {
        ctx.flush();
        taken++;
      }
      assertThat(taken).isEqualTo(2);
      // The first might have gone out at once; the second had to wait.
      assertThat(read.refCnt()).isEqualTo(2);
    } finally {
      read.release();
      queue.close();
      socket.full = false;
      socket.flush();
      socket.finishAndReleaseAll();
    }
    assertThat(read.refCnt()).isZero();
  }
}
