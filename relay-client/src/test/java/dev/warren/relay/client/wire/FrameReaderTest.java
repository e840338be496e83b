package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that waits for what it will refuse holds memory for nothing. */
class FrameReaderTest {
  private static byte[] header(int opcode, int payload) {
    ByteBuf out = Unpooled.buffer(WebSocketFrames.unmaskedHeader(payload));
    WebSocketFrames.setHeader(out, 0, opcode, false, payload);
    return Arrays.copyOf(out.array(), out.capacity());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        WebSocketFrames.TEXT,
        WebSocketFrames.BINARY,
        WebSocketFrames.PING,
        WebSocketFrames.CLOSE
      })
  void aFrameLargerThanAnyRelayFrameIsRefusedByItsHeader(int opcode) {
    int longest = RelayFrames.MAX_FRAME + 1;
    assertThat(Streams.read(false, header(opcode, longest), 100).ended()).isFalse();
    assertThat(Streams.read(false, header(opcode, longest + 1), 100))
        .isEqualTo(new Streams.Outcome(List.of(), true));
  }
}
