package dev.warren.dns.server.io;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.logic.ClientAddress;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.wire.HttpRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whom a request comes from, seen through the proxies that are trusted: by {@code X-Forwarded-For},
 * {@code Forwarded}, or else {@code X-Real-IP}. Immutable.
 */
public final class ClientSource {
  private static final String REAL_IP = "x-real-ip";
  private static final List<String> LISTS = List.of("x-forwarded-for", "forwarded");

  private final List<AddressRange> trusted;

  public ClientSource(List<AddressRange> trusted) {
    this.trusted = List.copyOf(trusted);
  }

  /** The proxy itself where it names nobody, or names two. */
  InetAddress of(HttpExchange request) {
    InetSocketAddress peer = request.peer();
    if (!isTrusted(peer)) {
      return peer.getAddress();
    }
    Map<String, List<String>> lists = new LinkedHashMap<>();
    for (String name : LISTS) {
      if (request.headers().contains(name)) {
        lists.put(name, request.all(name));
      }
    }
    if (lists.isEmpty()) {
      return realIp(request).orElse(peer.getAddress());
    }
    HttpRequest seen = new HttpRequest(request.method(), request.target(), lists);
    return ClientAddress.of(peer, seen, trusted).orElse(peer).getAddress();
  }

  boolean isTrusted(InetSocketAddress peer) {
    return AddressRange.anyContains(trusted, peer);
  }

  private static Optional<InetAddress> realIp(HttpExchange request) {
    String text = request.headers().get(REAL_IP, "").strip();
    try {
      return text.isEmpty()
          ? Optional.empty()
          : Optional.of(
              SocketAddrs.parse((text.indexOf(':') < 0 ? text : "[" + text + "]") + ":0")
                  .getAddress());
    } catch (IllegalArgumentException noAddress) {
      return Optional.empty();
    }
  }
}
