package dev.warren.relay.client.wire;

import dev.warren.base.RelayUrl;
import org.jspecify.annotations.Nullable;

/** The request for a relay connection (relay-protocol section A2). Stateless. */
public final class UpgradeRequest {
  private UpgradeRequest() {}

  /**
   * The whole head. The host is written as the URL has it, with its final dot if there is one; the
   * URL's query is kept, its path replaced.
   *
   * @param websocketKey base64 of 16 random bytes
   * @param token from {@link BearerToken#check}, or null
   * @param proof from {@link ExporterProof#encode}, or null
   */
  public static String head(
      RelayUrl url, String websocketKey, @Nullable String token, @Nullable String proof) {
    String host = url.uri().getHost() + (url.uri().getPort() >= 0 ? ":" + url.uri().getPort() : "");
    String query = url.uri().getRawQuery() == null ? "" : "?" + url.uri().getRawQuery();
    StringBuilder head = new StringBuilder(512);
    head.append("GET /relay").append(query).append(" HTTP/1.1\r\n");
    line(head, "Host", host);
    line(head, "Connection", "Upgrade");
    line(head, "Upgrade", "websocket");
    line(head, "Sec-WebSocket-Key", websocketKey);
    line(head, "Sec-WebSocket-Version", "13");
    line(head, "Sec-WebSocket-Protocol", RelayFrames.SUBPROTOCOLS);
    if (token != null) {
      line(head, "Authorization", "Bearer " + token);
    }
    if (proof != null) {
      line(head, ExporterProof.HEADER, proof);
    }
    return head.append("\r\n").toString();
  }

  private static void line(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
}
