package dev.warren.discovery.io;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request.
 *
 * @param uri http or https, with a host; it has been checked by {@link HttpClient#checked}
 * @param headers besides Host, Content-Length, User-Agent and Connection
 * @param maxAnswer most bytes of the answer's body
 */
public record HttpRequest(
    String method, URI uri, Map<String, String> headers, byte[] body, int maxAnswer) {

  /** The head towards the server, or towards a proxy if there is one. */
  String head(Origin origin, @Nullable ProxyAddress proxy) {
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ');
    if (proxy != null) {
      head.append("http://").append(origin.authority());
    }
    head.append(target).append(" HTTP/1.1\r\nHost: ").append(origin.authority()).append("\r\n");
    head.append("User-Agent: warren\r\nConnection: close\r\n");
    if (body.length > 0) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return withAuthorization(head, proxy).append("\r\n").toString();
  }

  /** The head that asks {@code proxy} for a tunnel. */
  String connect(Origin origin, ProxyAddress proxy) {
    String host = origin.host().contains(":") ? "[" + origin.host() + "]" : origin.host();
    String target = host + ":" + origin.port();
    StringBuilder head = new StringBuilder();
    head.append("CONNECT ").append(target).append(" HTTP/1.1\r\nHost: ").append(target);
    return withAuthorization(head.append("\r\n"), proxy).append("\r\n").toString();
  }

  private static StringBuilder withAuthorization(StringBuilder head, @Nullable ProxyAddress proxy) {
    if (proxy != null && proxy.authorization() != null) {
      head.append("Proxy-Authorization: ").append(proxy.authorization()).append("\r\n");
    }
    return head;
  }
}
