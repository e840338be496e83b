package dev.warren.serving.wire;

import dev.warren.base.SocketAddrs;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whom proxies say that they forward for: the entries of {@code X-Forwarded-For} and of {@code
 * Forwarded} (RFC 7239), nearest proxy last. Entries that name no IP address are empty; a missing
 * port is 0. Stateless.
 */
public final class ForwardedFor {
  /**
   * Entries that are read, from the nearest proxy on: more proxies than anybody has in a row. What
   * lies beyond is the client's own, who may send thousands, and each that is no address costs an
   * exception.
   */
  static final int MOST = 32;

  /** Longest address with brackets, scope and port. Longer entries name none. */
  private static final int LONGEST = 64;

  private ForwardedFor() {}

  /** The last entries of {@code X-Forwarded-For}; none if the header is missing. */
  public static List<Optional<InetSocketAddress>> xForwardedFor(HttpRequest request) {
    List<String> entries = new ArrayList<>();
    for (String value : request.all("x-forwarded-for")) {
      entries.addAll(Arrays.asList(value.split(",", -1)));
    }
    return nearest(entries).map(entry -> address(entry.strip())).toList();
  }

  /**
   * The {@code for} parameters of the last elements of {@code Forwarded}; none if it is missing.
   */
  public static List<Optional<InetSocketAddress>> forwarded(HttpRequest request) {
    List<String> elements = new ArrayList<>();
    for (String value : request.all("forwarded")) {
      elements.addAll(split(value, ','));
    }
    return nearest(elements).map(ForwardedFor::forParameter).toList();
  }

  private static Stream<String> nearest(List<String> entries) {
    return entries.subList(Math.max(0, entries.size() - MOST), entries.size()).stream();
  }

  private static Optional<InetSocketAddress> forParameter(String element) {
    for (String pair : split(element, ';')) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().toLowerCase(Locale.ROOT).equals("for")) {
        return address(unquote(pair.substring(equals + 1).strip()));
      }
    }
    return Optional.empty();
  }

  /** Pieces between separators that are not in quotes. */
  private static List<String> split(String text, char separator) {
    List<String> pieces = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && quoted) {
        i++;
      } else if (c == separator && !quoted) {
        pieces.add(text.substring(from, i));
        from = i + 1;
      }
    }
    pieces.add(text.substring(from));
    return pieces;
  }

  /** No escapes: an address has none. */
  private static String unquote(String text) {
    return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
        ? text.substring(1, text.length() - 1)
        : text;
  }

  /** {@code v4}, {@code v4:port}, {@code v6}, {@code [v6]} or {@code [v6]:port}. */
  private static Optional<InetSocketAddress> address(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return Optional.empty();
    }
    String full = text;
    if (text.startsWith("[")) {
      full = text.endsWith("]") ? text + ":0" : text;
    } else if (text.indexOf(':') != text.lastIndexOf(':')) {
      full = "[" + text + "]:0";
    } else if (text.indexOf(':') < 0) {
      full = text + ":0";
    }
    try {
      return Optional.of(SocketAddrs.parse(full));
    } catch (IllegalArgumentException notAnAddress) {
      return Optional.empty();
    }
  }
}
