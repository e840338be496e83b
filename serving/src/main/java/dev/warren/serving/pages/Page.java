package dev.warren.serving.pages;

import java.nio.charset.StandardCharsets;

/** What a {@link PageServer} answers. */
public record Page(String status, String contentType, String moreHeaders, byte[] body) {
  public static Page ok(String contentType, String body) {
    return ok(contentType, "", body);
  }

  /**
   * @param moreHeaders each with its line end
   */
  public static Page ok(String contentType, String moreHeaders, String body) {
    return new Page("200 OK", contentType, moreHeaders, body.getBytes(StandardCharsets.UTF_8));
  }

  public static Page refused(String status, String why) {
    return new Page(
        status, "text/plain; charset=utf-8", "", (why + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** One request a connection: these pages are small and rarely asked for. */
  String head() {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: "
        + contentType
        + "\r\nContent-Length: "
        + body.length
        + "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        + moreHeaders
        + "Connection: close\r\n\r\n";
  }
}
