package dev.warren.discovery.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer of one HTTP/1.1 request (RFC 9112) from the pieces that come of it: head, then a
 * body of known length, in chunks, or up to the end of the connection. Bounded in all of them.
 * Answers of the kind 1xx are passed over. Not thread-safe.
 */
public final class HttpResponseReader {
  /** Most bytes of the head, of one line of the chunked form, and of its trailers. */
  static final int MAX_HEAD = 16 * 1024;

  private enum State {
    HEAD,
    /** A body of which {@link #left} bytes are to come. */
    LENGTH,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS,
    TO_THE_END,
    COMPLETE
  }

  private final int maxBody;
  private final boolean tunnel;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final Map<String, String> headers = new HashMap<>();
  private State state = State.HEAD;
  private int headBytes;
  private int status = -1;
  private long left;

  /**
   * @param maxBody most bytes of a body
   */
  public HttpResponseReader(int maxBody) {
    this(maxBody, false);
  }

  private HttpResponseReader(int maxBody, boolean tunnel) {
    this.maxBody = maxBody;
    this.tunnel = tunnel;
  }

  /** For the answer to CONNECT: a success has no body, whatever it says (RFC 9110 9.3.6). */
  public static HttpResponseReader ofTunnel() {
    return new HttpResponseReader(MAX_HEAD, true);
  }

  /**
   * Reads on; consumes nothing behind the answer's end.
   *
   * @return the answer, or null while it is incomplete
   * @throws HttpFormatException if it is none, or too long; the reader is useless then
   */
  public @Nullable HttpResponse read(ByteBuffer in) throws HttpFormatException {
    while (in.hasRemaining() && state != State.COMPLETE) {
      switch (state) {
        case LENGTH, CHUNK -> take(in, (int) Math.min(left, in.remaining()));
        case TO_THE_END -> take(in, in.remaining());
        default -> readLine(in);
      }
    }
    return state == State.COMPLETE ? response() : null;
  }

  /**
   * The connection ended.
   *
   * @return the answer if it ends so
   * @throws HttpFormatException if something is missing
   */
  public HttpResponse end() throws HttpFormatException {
    if (state != State.TO_THE_END && state != State.COMPLETE) {
      throw new HttpFormatException("the connection ended in the middle of the answer");
    }
    return response();
  }

  private HttpResponse response() {
    return new HttpResponse(status, Map.copyOf(headers), body.toByteArray());
  }

  private void take(ByteBuffer in, int length) throws HttpFormatException {
    if (body.size() + (long) length > maxBody) {
      throw tooLong();
    }
    byte[] piece = new byte[length];
    in.get(piece);
    body.writeBytes(piece);
    if (state == State.TO_THE_END) {
      return;
    }
    left -= length;
    if (left == 0) {
      state = state == State.CHUNK ? State.CHUNK_END : State.COMPLETE;
    }
  }

  private HttpFormatException tooLong() {
    return new HttpFormatException("the body has more than " + maxBody + " bytes");
  }

  private void readLine(ByteBuffer in) throws HttpFormatException {
    byte b = in.get();
    if (++headBytes > MAX_HEAD) {
      throw new HttpFormatException("a head of more than " + MAX_HEAD + " bytes");
    }
    if (b != '\n') {
      line.write(b);
      return;
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    line.reset();
    accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
  }

  private void accept(String text) throws HttpFormatException {
    switch (state) {
      case HEAD -> {
        if (status < 0) {
          status = status(text);
        } else if (text.isEmpty()) {
          headIsComplete();
        } else {
          header(text);
        }
      }
      case CHUNK_SIZE -> {
        left = chunkSize(text);
        headBytes = 0;
        if (left + body.size() > maxBody) {
          throw tooLong();
        }
        state = left == 0 ? State.TRAILERS : State.CHUNK;
      }
      case CHUNK_END -> {
        if (!text.isEmpty()) {
          throw new HttpFormatException("a chunk is longer than it said");
        }
        state = State.CHUNK_SIZE;
      }
      case TRAILERS -> {
        if (text.isEmpty()) {
          state = State.COMPLETE;
        }
      }
      default -> throw new AssertionError(state);
    }
  }

  private static int status(String line) throws HttpFormatException {
    String[] parts = line.split(" ", 3);
    if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-9][0-9]{2}")) {
      throw new HttpFormatException("not an HTTP/1.1 answer");
    }
    return Integer.parseInt(parts[1]);
  }

  private void header(String text) throws HttpFormatException {
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw new HttpFormatException("a malformed HTTP header");
    }
    String name = text.substring(0, colon).toLowerCase(Locale.ROOT);
    String value = text.substring(colon + 1).strip();
    String before = headers.putIfAbsent(name, value);
    if (before != null && name.equals("content-length") && !before.equals(value)) {
      throw new HttpFormatException("two lengths of one body");
    }
  }

  private void headIsComplete() throws HttpFormatException {
    headBytes = 0;
    if (status / 100 == 1 && status != 101) {
      status = -1;
      headers.clear();
      return;
    }
    String coding = headers.get("transfer-encoding");
    String length = headers.get("content-length");
    if (status == 204 || status == 304 || tunnel && status / 100 == 2) {
      state = State.COMPLETE;
    } else if (coding != null) {
      if (!coding.toLowerCase(Locale.ROOT).equals("chunked")) {
        throw new HttpFormatException("a transfer coding that nobody asked for");
      }
      state = State.CHUNK_SIZE;
    } else if (length != null) {
      left = number(length, 10);
      if (left > maxBody) {
        throw tooLong();
      }
      state = left == 0 ? State.COMPLETE : State.LENGTH;
    } else {
      state = State.TO_THE_END;
    }
  }

  private static long chunkSize(String line) throws HttpFormatException {
    int extension = line.indexOf(';');
    return number((extension < 0 ? line : line.substring(0, extension)).strip(), 16);
  }

  private static long number(String text, int radix) throws HttpFormatException {
    if (text.isEmpty() || text.length() > 15 || !text.matches("[0-9a-fA-F]+")) {
      throw new HttpFormatException("a length that is no number");
    }
    try {
      return Long.parseLong(text, radix);
    } catch (NumberFormatException e) {
      throw new HttpFormatException("a length that is no number");
    }
  }
}
