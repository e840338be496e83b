package dev.warren.relay.server.access;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the token that a client sends along (relay-server section 8). */
final class BearerToken {
  private static final String SCHEME = "Bearer ";
  private static final String PARAMETER = "token=";

  private BearerToken() {}

  /**
   * The rest of the first {@code Authorization} header of scheme Bearer, in any case; else the
   * first query parameter {@code token}, percent-decoded, since browsers cannot set headers. A
   * header before it that is not printable ASCII means no token at all.
   */
  static Optional<String> find(Map<String, List<String>> headers, String target) {
    for (String value : headers.getOrDefault("authorization", List.of())) {
      if (!isPrintable(value)) {
        return Optional.empty();
      }
      if (value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
        return Optional.of(value.substring(SCHEME.length()));
      }
    }
    return ofQuery(target);
  }

  private static boolean isPrintable(String value) {
    return value.chars().allMatch(c -> c >= 0x20 && c < 0x7f || c == '\t');
  }

  private static Optional<String> ofQuery(String target) {
    int question = target.indexOf('?');
    if (question < 0) {
      return Optional.empty();
    }
    int fragment = target.indexOf('#', question);
    String query = target.substring(question + 1, fragment < 0 ? target.length() : fragment);
    for (String pair : query.split("&")) {
      if (pair.equals("token")) {
        return Optional.of("");
      }
      if (pair.startsWith(PARAMETER)) {
        return Optional.of(decode(pair.substring(PARAMETER.length())));
      }
    }
    return Optional.empty();
  }

  /** As forms do: plus is a blank, and a percent sign without two digits stands for itself. */
  private static String decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
      if (low >= 0) {
        bytes.write(high << 4 | low);
        i += 2;
      } else {
        bytes.write(c == '+' ? ' ' : c);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
