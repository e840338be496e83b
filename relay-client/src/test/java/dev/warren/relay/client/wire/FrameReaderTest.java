package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
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
  @ValueSource(ints = {WebSocketFrames.TEXT, WebSocketFrames.BINARY})
  void aFrameLargerThanAnyRelayFrameIsRefusedByItsHeader(int opcode) {
    int longest = RelayFrames.MAX_FRAME + 1;
    assertThat(Streams.read(false, header(opcode, longest), 100).ended()).isFalse();
    assertThat(Streams.read(false, header(opcode, longest + 1), 100))
        .isEqualTo(new Streams.Outcome(List.of(), true));
  }

  @ParameterizedTest
  @ValueSource(ints = {WebSocketFrames.CLOSE, WebSocketFrames.PING, WebSocketFrames.PONG})
  void aControlFrameOfMoreThanTheRfcAllowsIsRefused(int opcode) {
    assertThat(Streams.read(false, header(opcode, 125), 100).ended()).isFalse();
    assertThat(Streams.read(false, header(opcode, 126), 100).ended()).isTrue();
  }

  private static byte[] fragment(int first, int length) {
    byte[] payload = new byte[length];
    Arrays.fill(payload, (byte) length);
    byte[] message = Streams.message(WebSocketFrames.BINARY, true, payload);
    message[0] = (byte) first;
    return message;
  }

  @Test
  void fragmentsArePutTogetherAndAPingMayComeBetween() {
    byte[] stream =
        Streams.concat(
            List.of(
                fragment(0x02, 3),
                fragment(0x89, 4),
                fragment(0x00, 0),
                fragment(0x80, 2),
                // Text in fragments is skipped as other text is.
                fragment(0x01, 1),
                fragment(0x80, 1),
                fragment(0x82, 1)));
    assertThat(Streams.read(true, stream, 1))
        .isEqualTo(new Streams.Outcome(List.of(new byte[] {3, 3, 3, 2, 2}, new byte[] {1}), false));
  }

  @Test
  void fragmentsTogetherMayNotBeLongerThanAFrame() {
    byte[] most = fragment(0x02, RelayFrames.MAX_FRAME);
    assertThat(Streams.read(true, Streams.concat(List.of(most, fragment(0x80, 1))), 50_000))
        .matches(o -> !o.ended() && o.frames().size() == 1);
    assertThat(Streams.read(true, Streams.concat(List.of(most, fragment(0x80, 2))), 50_000))
        .isEqualTo(new Streams.Outcome(List.of(), true));
  }

  @Test
  void aFragmentOutOfPlaceEndsTheConnection() {
    for (List<byte[]> wrong :
        List.of(
            List.of(fragment(0x80, 1)),
            List.of(fragment(0x00, 1)),
            List.of(fragment(0x02, 1), fragment(0x82, 1)),
            List.of(fragment(0x02, 1), fragment(0x01, 1)),
            List.of(fragment(0x09, 1)))) {
      assertThat(Streams.read(true, Streams.concat(wrong), 100))
          .isEqualTo(new Streams.Outcome(List.of(), true));
    }
  }

  /** RFC 6455 section 5.2: whoever uses a reserved opcode speaks something else. */
  @ParameterizedTest
  @ValueSource(ints = {3, 7, 11, 15})
  void aReservedOpcodeEndsTheConnection(int opcode) {
    assertThat(Streams.read(true, fragment(0x80 | opcode, 5), 100))
        .isEqualTo(new Streams.Outcome(List.of(), true));
  }

  /** Whoever never ends a frame would else hold the 512 KiB that its beginning came in. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5000, 25_000, 39_999})
  void aFrameThatIsBegunDoesNotKeepTheBufferItCameIn(int begun) {
    byte[] payload = new byte[40_000 - 8];
    Arrays.fill(payload, (byte) 7);
    byte[] message = Streams.message(WebSocketFrames.BINARY, true, payload);
    assertThat(message).hasSize(40_000);
    List<Integer> lengths = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new FrameReader(true) {
              @Override
              protected void onFrame(ChannelHandlerContext ctx, ByteBuf in, int at, int length) {
                lengths.add(length);
                assertThat(in.getByte(at)).isEqualTo((byte) 7);
                assertThat(in.getByte(at + length - 1)).isEqualTo((byte) 7);
              }
            });
    ByteBuf read = Unpooled.directBuffer(512 * 1024);
    channel.freezeTime();
    channel.writeInbound(read.writeBytes(message).writeBytes(message, 0, begun));
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(read.refCnt()).isZero();
    assertThat(lengths).containsExactly(payload.length);
    ByteBuf rest = Unpooled.directBuffer(512 * 1024).writeBytes(message, begun, 40_000 - begun);
    channel.writeInbound(rest.writeBytes(message));
    assertThat(rest.refCnt()).isZero();
    assertThat(lengths).containsExactly(payload.length, payload.length, payload.length);
    channel.finishAndReleaseAll();
  }
}
