package dev.warren.discovery.io;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy: requests in clear are sent to it, for those in TLS it opens a tunnel.
 *
 * @param authorization the value of Proxy-Authorization (Basic, RFC 7617), or null
 */
public record ProxyAddress(String host, int port, @Nullable String authorization) {
  /**
   * Reads {@code http://[user:password@]host[:port]}; the port is 80 if none is named.
   *
   * @throws IllegalArgumentException if it is anything else; the message repeats no credentials
   */
  public static ProxyAddress parse(String url) {
    URI uri = null;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException notOne) {
      // Falls through to the one message.
    }
    if (uri == null
        || !"http".equalsIgnoreCase(uri.getScheme())
        || uri.getHost() == null
        || uri.getPort() == 0
        || uri.getPort() > 65_535) {
      throw new IllegalArgumentException("a proxy is http://[user:password@]host[:port]");
    }
    String user = uri.getRawUserInfo();
    return new ProxyAddress(
        Origin.bare(uri.getHost()),
        uri.getPort() < 0 ? 80 : uri.getPort(),
        user == null ? null : basic(user));
  }

  private static String basic(String raw) {
    // Not a form: a plus is a plus.
    String user = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    String pair = user.contains(":") ? user : user + ":";
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /** Without the credentials. */
  @Override
  public String toString() {
    return "http://" + host + ":" + port;
  }
}
