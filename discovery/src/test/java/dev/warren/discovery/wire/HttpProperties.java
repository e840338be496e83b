package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** HTTP answers from anybody. */
class HttpProperties {
  private static final long MEMORY = 32 << 20;

  @Provide
  Arbitrary<byte[]> answers() {
    return HostileInput.bytes(
        ascii("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
        ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        ascii("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nX: y\r\n\r\nto the end"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Property(tries = 600)
  void anyBytesAreAnAnswerOrRefusedHoweverTheyArrive(
      @ForAll("answers") byte[] bytes, @ForAll @IntRange(min = 1, max = 50) int piece)
      throws Exception {
    check(bytes, piece);
  }

  static void check(byte[] bytes, int piece) throws Exception {
    Bounded.run(
        MEMORY,
        () ->
            assertThat(outcome(bytes, piece)).isEqualTo(outcome(bytes, Math.max(1, bytes.length))));
  }

  private static String outcome(byte[] bytes, int piece) {
    HttpResponseReader reader = new HttpResponseReader(1000);
    try {
      for (int at = 0; at < bytes.length; at += piece) {
        HttpResponse answer =
            reader.read(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
        if (answer != null) {
          return shown(answer);
        }
      }
      return shown(reader.end());
    } catch (HttpFormatException refused) {
      return refused.getMessage();
    }
  }

  private static String shown(HttpResponse answer) {
    assertThat(answer.status()).isBetween(100, 999);
    assertThat(answer.body().length).isLessThanOrEqualTo(1000);
    return answer.status() + " " + new String(answer.body(), StandardCharsets.ISO_8859_1);
  }
}
