package dev.warren.discovery.dns;

import dev.warren.base.SocketAddrs;
import dev.warren.discovery.io.HttpClient;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Locale;

/** A server that answers DNS questions, and how it is spoken to. */
public sealed interface NameServer {
  /** In clear over UDP, and over TCP when an answer does not fit. */
  record Plain(InetSocketAddress address) implements NameServer {
    @Override
    public String toString() {
      return SocketAddrs.toString(address);
    }
  }

  /**
   * In TLS (RFC 7858).
   *
   * @param host a name, which the system resolves, or an address without brackets; it must be in
   *     the server's certificate
   */
  record OverTls(String host, int port) implements NameServer {
    @Override
    public String toString() {
      return "tls://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /**
   * In HTTPS (RFC 8484), by HTTP/1.1 and POST. A URL in clear is for servers on the same machine.
   */
  record OverHttps(URI url) implements NameServer {
    public OverHttps {
      HttpClient.checked(url);
    }

    @Override
    public String toString() {
      return url.toString();
    }
  }

  /** The port of DNS. */
  int PORT = 53;

  /** The port of DNS over TLS (RFC 7858 section 3.1). */
  int TLS_PORT = 853;

  /**
   * Reads {@code IP}, {@code IP:PORT}, {@code tls://HOST[:PORT]} or {@code https://…}; an IPv6
   * address with a port stands in brackets.
   *
   * @throws IllegalArgumentException in one sentence
   */
  static NameServer parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    try {
      if (lower.startsWith("https://") || lower.startsWith("http://")) {
        return new OverHttps(URI.create(text));
      }
      if (lower.startsWith("tls://")) {
        return overTls(URI.create(text));
      }
      return new Plain(SocketAddrs.parse(withPort(text)));
    } catch (IllegalArgumentException e) {
      String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
      throw new IllegalArgumentException(
          "a name server is IP, IP:PORT, tls://HOST[:PORT] or https://…: " + shown, e);
    }
  }

  private static NameServer overTls(URI uri) {
    String host = uri.getHost();
    if (host == null || uri.getRawUserInfo() != null || !uri.getRawPath().isEmpty()) {
      throw new IllegalArgumentException("no host");
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new OverTls(bare, uri.getPort() < 0 ? TLS_PORT : uri.getPort());
  }

  private static String withPort(String text) {
    boolean v6 = text.indexOf(':') != text.lastIndexOf(':');
    if (text.startsWith("[") || text.contains(":") && !v6) {
      return text.endsWith("]") ? text + ":" + PORT : text;
    }
    return (v6 ? "[" + text + "]" : text) + ":" + PORT;
  }
}
