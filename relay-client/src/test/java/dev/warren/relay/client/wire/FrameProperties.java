package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** WebSocket frames and the reader that cuts a TCP stream into relay frames. */
class FrameProperties {
  /** Every buffer is tracked in tests, which makes a stream of single bytes slow. */
  private static final int MAX_PIECES = 100;

  @Provide
  Arbitrary<List<byte[]>> frames() {
    return Streams.frames();
  }

  @Provide
  Arbitrary<byte[]> hostile() {
    return Streams.hostile();
  }

  @Property(tries = 40)
  void framesComeBackFromTheStreamHoweverItIsCut(
      @ForAll("frames") List<byte[]> frames,
      @ForAll boolean masked,
      @ForAll @IntRange(min = 1, max = 5000) int piece) {
    List<byte[]> messages = new ArrayList<>();
    for (byte[] frame : frames) {
      messages.add(Streams.message(WebSocketFrames.BINARY, masked, frame));
      messages.add(Streams.message(WebSocketFrames.TEXT, masked, new byte[3]));
    }
    byte[] stream = Streams.concat(messages);
    int size = Math.max(piece, stream.length / MAX_PIECES);
    assertThat(Streams.read(masked, stream, size)).isEqualTo(new Streams.Outcome(frames, false));
    if (!frames.isEmpty()) {
      assertThat(Streams.read(!masked, stream, size))
          .isEqualTo(new Streams.Outcome(List.of(), true));
    }
  }

  @Property(tries = 600)
  void anyStreamIsReadAlikeHoweverItIsCutAndNothingIsTakenAfterAViolation(
      @ForAll("hostile") byte[] stream,
      @ForAll boolean masked,
      @ForAll @IntRange(min = 1, max = 5000) int piece)
      throws Exception {
    check(stream, masked, piece);
  }

  static void check(byte[] stream, boolean masked, int piece) throws Exception {
    int size = Math.max(piece, stream.length / MAX_PIECES);
    Bounded.run(
        Streams.MEMORY,
        () -> {
          Streams.Outcome whole = Streams.read(masked, stream, Math.max(1, stream.length));
          assertThat(Streams.read(masked, stream, size)).isEqualTo(whole);
          for (byte[] frame : whole.frames()) {
            assertThat(frame.length).isBetween(1, RelayFrames.MAX_FRAME + 1);
          }
        });
  }

  @Property(tries = 300)
  void anyBytesHaveAHeaderOrAreIncomplete(@ForAll byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    int header = WebSocketFrames.headerLength(in);
    if (header != WebSocketFrames.INCOMPLETE) {
      assertThat(header).isBetween(2, 14).isLessThanOrEqualTo(bytes.length);
      WebSocketFrames.payloadLength(in);
    }
    assertThat(in.readerIndex()).isZero();
  }

  @Property(tries = 200)
  void maskingTwiceIsNothing(@ForAll int key, @ForAll @Size(max = 100) byte[] data) {
    ByteBuf buffer = Unpooled.copiedBuffer(data);
    WebSocketFrames.mask(buffer, 0, data.length, key);
    for (int i = 0; i < data.length; i++) {
      assertThat(buffer.getByte(i)).isEqualTo((byte) (data[i] ^ key >> (24 - i % 4 * 8)));
    }
    WebSocketFrames.mask(buffer, 0, data.length, key);
    assertThat(buffer).isEqualTo(Unpooled.wrappedBuffer(data));
  }
}
