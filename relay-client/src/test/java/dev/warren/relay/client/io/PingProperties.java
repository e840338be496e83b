package dev.warren.relay.client.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What a server may answer to a probe. */
class PingProperties {
  /** An answer in pieces of a byte is 16,000 reads, and each notes where the buffer was. */
  private static final long MEMORY = 128 << 20;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Provide
  Arbitrary<byte[]> answers() {
    return HostileInput.bytes(
        ascii("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ascii("HTTP/1.0 204 No Content\r\n\r\n"),
        ascii("HTTP/1.1 302 Found\r\nLocation: http://x.test/\r\n\r\n"),
        ascii("HTTP/1.1 2xx\r\n\r\n"),
        ascii("FTP 200 OK\r\n\r\n"),
        ascii("\r\n\r\n"),
        ascii("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000)));
  }

  @Property(tries = 500)
  void anyAnswerToAProbeIsASuccessOrAFailureWithAShortReason(
      @ForAll("answers") byte[] answer, @ForAll @IntRange(min = 1, max = 64) int piece)
      throws Exception {
    check(answer, piece);
  }

  static void check(byte[] answer, int piece) throws Exception {
    RelayUrl url = RelayUrl.parse("http://relay.test/");
    Bounded.run(
        MEMORY,
        () -> {
          CompletableFuture<Duration> result = new CompletableFuture<>();
          EmbeddedChannel channel = new EmbeddedChannel(new PingChannel(url, result));
          for (int at = 0; at < answer.length; at += piece) {
            int n = Math.min(piece, answer.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(answer, at, n));
          }
          channel.finishAndReleaseAll();
          assertThat(result).isDone();
          try {
            assertThat(result.join()).isPositive();
            assertThat(new String(answer, StandardCharsets.ISO_8859_1))
                .matches("(?s)HTTP/1\\.[^ ]* 2\\d\\d[ \r].*");
          } catch (CompletionException failed) {
            assertThat(failed.getCause()).isInstanceOf(IOException.class);
            assertThat(failed.getCause().getMessage()).hasSizeLessThan(400);
          }
        });
  }
}
