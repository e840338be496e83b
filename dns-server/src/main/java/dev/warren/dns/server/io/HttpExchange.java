package dev.warren.dns.server.io;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * One HTTP request, whole. Immutable.
 *
 * @param target as in the request
 * @param body at most {@link #LONGEST_KEPT} bytes, and then one more: longer ones are no use
 * @param peer whose connection it is
 */
record HttpExchange(
    String method, String target, HttpHeaders headers, byte[] body, InetSocketAddress peer) {
  /** More than a signed packet, and than a DNS query with padding. */
  static final int LONGEST_KEPT = 4096;

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  List<String> all(String header) {
    return headers.getAll(header);
  }

  InetAddress address() {
    return peer.getAddress();
  }
}
