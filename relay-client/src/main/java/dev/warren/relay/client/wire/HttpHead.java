package dev.warren.relay.client.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.1 message: all that an upgrade needs. Header names are lower case; of
 * repeated ones the first counts. Immutable.
 */
public record HttpHead(String start, Map<String, String> headers) {
  /** Longest head that is read. */
  public static final int MAX = 16 * 1024;

  private static final int MAX_HEADERS = 100;

  /**
   * Reads a head if it is complete; else null and nothing is consumed. For one that comes in pieces
   * there is {@link HttpHeadReader}.
   *
   * @throws IllegalArgumentException if it is too long or malformed
   */
  public static @Nullable HttpHead read(ByteBuf in) {
    return new HttpHeadReader().read(in);
  }

  /** The head that ends before this index, which is consumed. */
  static HttpHead parse(ByteBuf in, int end) {
    String text =
        in.toString(in.readerIndex(), end - in.readerIndex(), StandardCharsets.ISO_8859_1);
    in.readerIndex(end);
    String[] lines = text.split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon <= 0 || i > MAX_HEADERS) {
        throw new IllegalArgumentException("malformed HTTP header");
      }
      headers.putIfAbsent(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    return new HttpHead(lines.length == 0 ? "" : lines[0], headers);
  }

  /** Where the head ends, its empty line included; -1 if it does not yet. */
  static int end(ByteBuf in, int seen) {
    int last = Math.min(in.writerIndex() - 4, in.readerIndex() + MAX);
    for (int i = in.readerIndex() + seen; i <= last; i++) {
      if (in.getByte(i) == '\r' && in.getInt(i) == 0x0d0a0d0a) {
        return i + 4;
      }
    }
    return -1;
  }

  /** The status code of an answer in HTTP/1; -1 if the head is none. */
  public int status() {
    String[] parts = start.split(" ", 3);
    boolean coded =
        parts.length > 1
            && parts[0].startsWith("HTTP/1.")
            && parts[1].length() == 3
            && parts[1].chars().allMatch(c -> c >= '0' && c <= '9');
    return coded ? Integer.parseInt(parts[1]) : -1;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }
}
