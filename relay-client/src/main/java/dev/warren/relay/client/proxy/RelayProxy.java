package dev.warren.relay.client.proxy;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy through which relays are reached by CONNECT. It resolves the relay's name itself.
 * Immutable; the text form shows no password.
 */
public final class RelayProxy {
  /** No longer text is taken, as for relay URLs. */
  private static final int MAX_LENGTH = 2048;

  private final boolean secure;
  private final String host;
  private final int port;
  private final @Nullable String credentials;

  private RelayProxy(boolean secure, String host, int port, @Nullable String credentials) {
    this.secure = secure;
    this.host = host;
    this.port = port;
    this.credentials = credentials;
  }

  /**
   * Reads {@code http://[user:password@]host[:port]}, or {@code https://} for a proxy that itself
   * speaks TLS; the ports are 80 and 443 if none is named. User and password may be
   * percent-encoded.
   *
   * @throws IllegalArgumentException if it is anything else; the message does not repeat the
   *     credentials
   */
  public static RelayProxy parse(String url) {
    URI uri;
    try {
      uri = url.length() > MAX_LENGTH ? null : new URI(url.strip());
    } catch (URISyntaxException notOne) {
      uri = null;
    }
    String scheme =
        uri == null || uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (uri == null || !secure && !scheme.equals("http") || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "a proxy is http://[user:password@]host[:port], or https:// if it speaks TLS itself");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new IllegalArgumentException("the proxy's port is impossible: " + uri.getPort());
    }
    String host = uri.getHost();
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    String user = uri.getRawUserInfo();
    return new RelayProxy(
        secure,
        bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare,
        uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80,
        user == null ? null : decoded(user));
  }

  private static String decoded(String text) {
    // Not a form: a plus is a plus.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Whether the proxy itself speaks TLS. */
  public boolean isSecure() {
    return secure;
  }

  /** Host name without a final dot, or an address without brackets. */
  public String host() {
    return host;
  }

  public int port() {
    return port;
  }

  /**
   * The value of Proxy-Authorization, if there are credentials: Basic (RFC 7617), in the standard
   * base64 alphabet, which upstream does not use (relay-protocol part E, 10).
   */
  public Optional<String> authorization() {
    return Optional.ofNullable(credentials)
        .map(c -> c.contains(":") ? c : c + ":")
        .map(c -> Base64.getEncoder().encodeToString(c.getBytes(StandardCharsets.UTF_8)))
        .map(c -> "Basic " + c);
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port;
  }
}
