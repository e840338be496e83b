package dev.warren.relay.client.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay that asks without end and reads nothing. */
class PingFloodTest {
  private static final int ENOUGH = 10_000;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersToARelayThatReadsNoneOfThemDoNotPileUp(boolean modern) {
    try (RecordedFrames relay = modern ? RecordedFrames.modern(true) : RecordedFrames.legacy()) {
      relay.read(new byte[] {modern ? (byte) RelayFrames.CONFIRMED : LegacyFrames.KEEP_ALIVE});
      drain(relay);
      boolean[] reads = new boolean[1];
      relay
          .channel
          .pipeline()
          .addLast(
              new ChannelOutboundHandlerAdapter() {
                @Override
                public void flush(ChannelHandlerContext ctx) {
                  if (reads[0]) {
                    ctx.flush();
                  }
                }
              });
      relay.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1000, 2000));
      byte[] ping = new byte[9];
      ping[0] = (byte) (modern ? RelayFrames.PING : LegacyFrames.PING);
      for (int i = 0; i < ENOUGH; i++) {
        relay.read(ping);
      }
      reads[0] = true;
      relay.channel.flush();
      assertThat(drain(relay)).isBetween(2, 100);

      relay.read(ping);
      assertThat(drain(relay)).as("once it reads again").isEqualTo(1);
      assertThat(relay.ended()).isFalse();
    }
  }

  private static int drain(RecordedFrames relay) {
    int n = 0;
    for (ByteBuf out = relay.channel.readOutbound();
        out != null;
        out = relay.channel.readOutbound()) {
      out.release();
      n++;
    }
    return n;
  }
}
