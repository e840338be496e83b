package dev.warren.dns.server.wire;

import dev.warren.serving.pages.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is answered to an HTTP request. Immutable; the body must not be changed.
 *
 * @param known whether the request was for something that is served here: others are not counted
 */
public record HttpAnswer(int status, Map<String, String> headers, byte[] body, boolean known) {
  private static final byte[] EMPTY = {};

  public HttpAnswer {
    headers = Map.copyOf(headers);
  }

  public static HttpAnswer empty(int status) {
    return new HttpAnswer(status, Map.of(), EMPTY, true);
  }

  /** For paths that do not exist (dns-server section 4). */
  public static HttpAnswer notFound() {
    return new HttpAnswer(404, Map.of(), EMPTY, false);
  }

  public static HttpAnswer of(int status, String contentType, byte[] body) {
    return new HttpAnswer(status, Map.of("content-type", contentType), body, true);
  }

  public static HttpAnswer text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  public static HttpAnswer json(int status, String contentType, Map<String, ?> fields) {
    return of(status, contentType, JsonText.of(fields).getBytes(StandardCharsets.UTF_8));
  }

  /** The body of an error of dns-server section 4: the status is a string. */
  public static HttpAnswer error(int status, @Nullable String detail) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("status", String.valueOf(status));
    fields.put("detail", detail);
    return json(status, "application/json", fields);
  }

  public HttpAnswer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new HttpAnswer(status, more, body, known);
  }
}
