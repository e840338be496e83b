package dev.warren.relay.server.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer to a request; the connection ends with it. Immutable.
 *
 * @param status code and reason phrase
 * @param headers whole lines, without Content-Length and Connection
 * @param body text; empty for none
 */
public record HttpAnswer(String status, List<String> headers, String body) {
  public HttpAnswer {
    headers = List.copyOf(headers);
  }

  /** Plain text. */
  public static HttpAnswer text(String status, String body) {
    return of(status, "text/plain; charset=utf-8", body);
  }

  public static HttpAnswer of(String status, String contentType, String body) {
    return new HttpAnswer(status, List.of("Content-Type: " + contentType), body);
  }

  /** With one or more further header lines. */
  public HttpAnswer with(List<String> lines) {
    List<String> all = new ArrayList<>(headers);
    all.addAll(lines);
    return new HttpAnswer(status, all, body);
  }

  public HttpAnswer with(String line) {
    return with(List.of(line));
  }

  /** The bytes; of an answer to HEAD all but the body. */
  public byte[] encode(boolean head) {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
    headers.forEach(line -> text.append(line).append("\r\n"));
    if (!status.startsWith("204")) { // RFC 9110 section 8.6: never with 204
      text.append("Content-Length: ").append(content.length).append("\r\n");
    }
    text.append("Connection: close\r\n\r\n");
    if (!head) {
      text.append(body);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
