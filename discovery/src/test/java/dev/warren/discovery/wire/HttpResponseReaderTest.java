package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("trouble")
class HttpResponseReaderTest {
  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The whole at once and byte by byte must be the same. */
  private static HttpResponse read(String text) throws HttpFormatException {
    HttpResponse whole = new HttpResponseReader(100).read(bytes(text));
    HttpResponseReader slow = new HttpResponseReader(100);
    HttpResponse last = null;
    for (int i = 0; i < text.length() && last == null; i++) {
      last = slow.read(bytes(text.substring(i, i + 1)));
    }
    assertThat(whole == null).isEqualTo(last == null);
    if (whole != null) {
      assertThat(last.body()).isEqualTo(whole.body());
    }
    return whole;
  }

  @Test
  void aBodyOfKnownLengthIsReadAndNothingBehindIt() throws Exception {
    HttpResponse answer =
        read("HTTP/1.1 200 OK\r\nContent-Length:  3\r\nX-A: b\r\nx-a: c\r\n\r\nabcdef");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.isOk()).isTrue();
    assertThat(new String(answer.body(), StandardCharsets.US_ASCII)).isEqualTo("abc");
    assertThat(answer.header("x-a")).contains("b");
  }

  @Test
  void chunksAreJoinedAndTrailersPassedOver() throws Exception {
    HttpResponse answer =
        read(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: 1\r\n\r\n");
    assertThat(new String(answer.body(), StandardCharsets.US_ASCII)).isEqualTo("abc0123456789");
  }

  @Test
  void whatHasNoLengthEndsWithTheConnection() throws Exception {
    HttpResponseReader reader = new HttpResponseReader(100);
    assertThat(reader.read(bytes("HTTP/1.0 404 Not Found\n\nabc"))).isNull();
    assertThat(reader.end().body()).hasSize(3);
    assertThat(reader.end().isOk()).isFalse();
  }

  @Test
  void someAnswersHaveNoBodyAndSomeAreOnlyOnTheirWay() throws Exception {
    assertThat(read("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").body()).isEmpty();
    assertThat(
            read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
                .status())
        .isEqualTo(201);
    assertThat(HttpResponseReader.ofTunnel().read(bytes("HTTP/1.1 200 OK\r\n\r\n"))).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/2 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"
      })
  void whatIsMalformedOrTooLongIsRefused(String text) {
    assertThatThrownBy(() -> new HttpResponseReader(100).read(bytes(text)))
        .isInstanceOf(HttpFormatException.class);
  }

  @Test
  void headsBodiesAndTrailersWithoutAnEndAreRefused() {
    String head = "HTTP/1.1 200 OK\r\n";
    assertThatThrownBy(() -> new HttpResponseReader(1).read(bytes(head + "a: b\r\n".repeat(5000))))
        .hasMessageContaining("head of more than");
    assertThatThrownBy(() -> new HttpResponseReader(1).read(bytes("x".repeat(20_000))))
        .hasMessageContaining("head of more than");
    assertThatThrownBy(
            () -> new HttpResponseReader(100).read(bytes(head + "\r\n" + "x".repeat(101))))
        .hasMessageContaining("more than 100 bytes");
    String chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
    assertThatThrownBy(
            () ->
                new HttpResponseReader(100)
                    .read(bytes(chunked + "0\r\n" + "a: b\r\n".repeat(5000))))
        .hasMessageContaining("head of more than");
    assertThatThrownBy(
            () -> new HttpResponseReader(100).read(bytes(chunked + "1\r\na\r\n".repeat(101))))
        .hasMessageContaining("more than 100 bytes");
  }

  @Test
  void aConnectionThatEndsEarlyIsAnError() throws Exception {
    HttpResponseReader reader = new HttpResponseReader(100);
    assertThat(reader.read(bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"))).isNull();
    assertThatThrownBy(reader::end).isInstanceOf(HttpFormatException.class);
    assertThatThrownBy(new HttpResponseReader(1)::end).isInstanceOf(HttpFormatException.class);
  }
}
