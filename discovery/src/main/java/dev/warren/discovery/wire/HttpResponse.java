package dev.warren.discovery.wire;

import java.util.Map;
import java.util.Optional;

/**
 * An HTTP answer. The body is not copied.
 *
 * @param status three digits
 * @param headers the names in lower case; of repeated ones the first
 */
public record HttpResponse(int status, Map<String, String> headers, byte[] body) {
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Whether it is a success. */
  public boolean isOk() {
    return status / 100 == 2;
  }
}
