package dev.warren.serving.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.x request (RFC 9112); bodies are never read. Immutable.
 *
 * @param method as written: methods are case-sensitive
 * @param target as written
 * @param headers names in lower case, each with all its values in the order of the request
 */
public record HttpRequest(String method, String target, Map<String, List<String>> headers) {
  /** Longest head that is read: request line, headers and the empty line. */
  public static final int MAX = 16 * 1024;

  /** Most header lines that are read. */
  public static final int MAX_HEADERS = 100;

  private static final int END = 0x0d0a0d0a;

  /** A request that is answered without being looked at further. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final String status;

    private Refused(String status, String message) {
      super(message, null, false, false);
      this.status = status;
    }

    /** Code and reason phrase for the answer. */
    public String status() {
      return status;
    }
  }

  /**
   * Reads a head if it is complete; else null, and nothing is consumed.
   *
   * @throws Refused if it is longer than {@link #MAX}, has more than {@link #MAX_HEADERS} lines, or
   *     is no HTTP/1 request
   */
  public static @Nullable HttpRequest read(ByteBuf in) throws Refused {
    return read(in, 0);
  }

  /**
   * @param looked bytes of {@code in} that were there before, and did not make a head
   */
  static @Nullable HttpRequest read(ByteBuf in, int looked) throws Refused {
    int end = end(in, looked);
    if (end < 0) {
      if (in.readableBytes() >= MAX) {
        throw new Refused(
            "431 Request Header Fields Too Large", "a request has at most " + MAX + " bytes");
      }
      return null;
    }
    String text =
        in.toString(in.readerIndex(), end - in.readerIndex(), StandardCharsets.ISO_8859_1);
    in.readerIndex(end);
    return parse(text.substring(0, text.length() - 4));
  }

  /** Behind the empty line, or -1 if it has not come within {@link #MAX} bytes. */
  private static int end(ByteBuf in, int looked) {
    int last = Math.min(in.writerIndex(), in.readerIndex() + MAX) - 4;
    for (int i = in.readerIndex() + Math.max(0, looked - 3); i <= last; i++) {
      if (in.getByte(i) == '\r' && in.getInt(i) == END) {
        return i + 4;
      }
    }
    return -1;
  }

  private static HttpRequest parse(String text) throws Refused {
    String[] lines = text.split("\r\n", -1);
    String[] start = lines[0].split(" ", -1);
    if (start.length != 3 || !isToken(start[0]) || start[1].isEmpty()) {
      throw malformed("no HTTP request line");
    }
    if (!start[2].equals("HTTP/1.1") && !start[2].equals("HTTP/1.0")) {
      throw new Refused("505 HTTP Version Not Supported", "this server speaks HTTP/1.1");
    }
    if (lines.length - 1 > MAX_HEADERS) {
      throw new Refused(
          "431 Request Header Fields Too Large", "a request has at most " + MAX_HEADERS + " lines");
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      String value = colon < 0 ? "" : trim(lines[i].substring(colon + 1));
      // A bare line feed or a folded line is how one request is made to look like two.
      if (colon <= 0 || !isToken(lines[i].substring(0, colon)) || hasControls(value)) {
        throw malformed("malformed header line");
      }
      headers
          .computeIfAbsent(
              lines[i].substring(0, colon).toLowerCase(Locale.ROOT), n -> new ArrayList<>(1))
          .add(value);
    }
    headers.replaceAll((name, values) -> List.copyOf(values));
    return new HttpRequest(start[0], start[1], Map.copyOf(headers));
  }

  private static Refused malformed(String what) {
    return new Refused("400 Bad Request", what);
  }

  /** Blanks and tabs only: {@code strip} would also take controls, which are to be refused. */
  private static String trim(String value) {
    int from = 0;
    int to = value.length();
    while (from < to && (value.charAt(from) == ' ' || value.charAt(from) == '\t')) {
      from++;
    }
    while (to > from && (value.charAt(to - 1) == ' ' || value.charAt(to - 1) == '\t')) {
      to--;
    }
    return value.substring(from, to);
  }

  /** RFC 9110 section 5.6.2. */
  private static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
          && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean hasControls(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' && text.charAt(i) != '\t' || text.charAt(i) == 0x7f) {
        return true;
      }
    }
    return false;
  }

  /** The target's path without its query, as written; that of an absolute URL too. */
  public String path() {
    int from = 0;
    String lower = target.toLowerCase(Locale.ROOT);
    if (lower.startsWith("http://") || lower.startsWith("https://")) {
      from = target.indexOf('/', target.indexOf("//") + 2);
      if (from < 0) {
        return "/";
      }
    }
    int query = target.indexOf('?', from);
    return query < 0 ? target.substring(from) : target.substring(from, query);
  }

  /** The first value of a header, whose name is given in lower case. */
  public Optional<String> header(String name) {
    return all(name).stream().findFirst();
  }

  /** All values of a header, whose name is given in lower case. */
  public List<String> all(String name) {
    return headers.getOrDefault(name, List.of());
  }
}
