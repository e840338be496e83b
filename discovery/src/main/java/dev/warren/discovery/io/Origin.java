package dev.warren.discovery.io;

import java.net.URI;

/**
 * Where an HTTP request goes.
 *
 * @param host a name without its final dot, or an address without brackets
 * @param authority host and port as they stand in the URL
 */
record Origin(boolean secure, String host, int port, String authority) {
  static Origin of(URI uri) {
    boolean secure = uri.getScheme().equalsIgnoreCase("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    String host = bare(uri.getHost());
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return new Origin(secure, host, port, uri.getPort() >= 0 ? shown + ":" + port : shown);
  }

  static String bare(String host) {
    String inner = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return inner.endsWith(".") ? inner.substring(0, inner.length() - 1) : inner;
  }
}
