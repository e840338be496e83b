package dev.warren.relay.server.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.serving.wire.HttpRequest;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a relay makes of requests and frames from anybody. */
class RelayRequestProperties {
  private static final long MEMORY = 32 << 20;
  private static final SecretKey SENDER = SecretKey.ofBytes(new byte[32]);
  private static final SecretKey RECIPIENT =
      SecretKey.ofBytes(
          new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
            25, 26, 27, 28, 29, 30, 31, 32
          });

  @Provide
  Arbitrary<byte[]> requests() {
    return HostileInput.bytes(
        ascii(EmbeddedRelay.REQUEST),
        ascii("GET / HTTP/1.1\r\n\r\n".repeat(5)),
        ascii("GET /ping HTTP/1.1\r\n\r\n" + EmbeddedRelay.REQUEST),
        ascii("GET /generate_204 HTTP/1.1\r\nX-Iroh-Challenge: a.b_c-1\r\n\r\n"),
        ascii("POST /relay?token=x HTTP/1.1\r\n\r\n"));
  }

  @Provide
  Arbitrary<byte[]> frames() {
    String to = RECIPIENT.nodeId().toString();
    return HostileInput.bytes(
        hex("04" + to + "0348656c6c6f"),
        hex("05" + to + "03000348656c6c6f"),
        hex("05" + to + "03000048656c6c6f"),
        hex("092a2a2a2a2a2a2a2a"),
        hex("0a2a2a2a2a2a2a2a2a"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Property(tries = 200)
  void anyRequestIsAnsweredOnceOrNotAtAll(@ForAll("requests") byte[] request) throws Exception {
    checkRequest(request);
  }

  static void checkRequest(byte[] request) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          readOnly(request);
          try (EmbeddedRelay relay = new EmbeddedRelay()) {
            EmbeddedChannel channel = relay.connect();
            EmbeddedRelay.write(channel, request);
            String answer = new String(EmbeddedRelay.read(channel), StandardCharsets.ISO_8859_1);
            assertThat(answer.length()).isLessThan(1200);
            assertThat(answer.split("HTTP/1\\.1 ", -1).length - 1).isLessThanOrEqualTo(1);
            boolean waiting = answer.isEmpty() && request.length < HttpRequest.MAX;
            if (!waiting && !answer.startsWith("HTTP/1.1 101 ")) {
              assertThat(channel.isOpen()).isFalse();
            }
          }
        });
  }

  /** Only the documented exception: the pipeline would swallow any other. */
  private static void readOnly(byte[] request) {
    try {
      HttpRequest.read(Unpooled.wrappedBuffer(request));
    } catch (HttpRequest.Refused refused) {
      assertThat(refused.status()).matches("(400|431|505) .+");
    }
  }

  @Property(tries = 200)
  void anyFrameIsForwardedUnderTheSendersIdOrDroppedOrEndsTheConnection(
      @ForAll("frames") byte[] frame) throws Exception {
    checkFrame(frame);
  }

  static void checkFrame(byte[] frame) throws Exception {
    if (frame.length == 0 || frame.length > 65_537) {
      return; // the reader refuses these
    }
    Bounded.run(
        MEMORY,
        () -> {
          try (EmbeddedRelay relay = new EmbeddedRelay()) {
            EmbeddedChannel sender = relay.authenticated(SENDER);
            EmbeddedChannel recipient = relay.authenticated(RECIPIENT);
            onFrame(sender, frame);
            checkForwarded(frame, EmbeddedRelay.read(recipient));
            assertThat(recipient.isOpen()).isTrue();
            assertThat(EmbeddedRelay.read(sender).length).isIn(0, 11);
          }
        });
  }

  /** Past the pipeline, which would swallow an exception. */
  private static void onFrame(EmbeddedChannel sender, byte[] frame) {
    byte[] message = EmbeddedRelay.message(frame);
    ByteBuf buffer = Unpooled.wrappedBuffer(message);
    int at = message.length - frame.length + 1;
    sender
        .pipeline()
        .get(RelayClientConnection.class)
        .onFrame(frame[0] & 0xff, buffer, at, frame.length - 1);
    sender.pipeline().fireChannelReadComplete();
    buffer.release();
  }

  private static void checkForwarded(byte[] frame, byte[] received) {
    if (received.length > 0) {
      byte[] expected = frame.clone();
      if (frame[0] == 5 && frame[34] == 0 && frame[35] == 0) {
        // Segments of nothing: a single datagram.
        expected = Arrays.copyOfRange(frame, 2, frame.length);
        expected[0] = 4;
        expected[33] = frame[33];
      }
      expected[0] += 2;
      System.arraycopy(SENDER.nodeId().toBytes(), 0, expected, 1, 32);
      assertThat(frame[0]).isIn((byte) 4, (byte) 5);
      assertThat(Arrays.copyOfRange(received, received.length - expected.length, received.length))
          .isEqualTo(expected);
    }
  }
}
