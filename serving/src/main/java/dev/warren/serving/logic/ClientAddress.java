package dev.warren.serving.logic;

import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.wire.ForwardedFor;
import dev.warren.serving.wire.HttpRequest;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Which address a request comes from, seen through the proxies that are trusted. Stateless. */
public final class ClientAddress {
  private ClientAddress() {}

  /**
   * The client's address: {@code peer}, unless that is a trusted proxy. Then the entries that it
   * and the trusted proxies before it have added are followed, nearest first, up to the first
   * address that is not trusted. What stands before that was written by a stranger and is ignored.
   * The port is 0 where no proxy said one.
   *
   * @return empty if both {@code X-Forwarded-For} and {@code Forwarded} are there and name
   *     different clients: a proxy writes one of them, so the other came from the client, and
   *     nothing says which
   */
  public static Optional<InetSocketAddress> of(
      InetSocketAddress peer, HttpRequest request, Collection<AddressRange> trusted) {
    if (trusted.isEmpty() || !AddressRange.anyContains(trusted, peer)) {
      return Optional.of(peer);
    }
    List<Optional<InetSocketAddress>> common = ForwardedFor.xForwardedFor(request);
    List<Optional<InetSocketAddress>> standard = ForwardedFor.forwarded(request);
    InetSocketAddress client = follow(peer, common.isEmpty() ? standard : common, trusted);
    if (!common.isEmpty() && !standard.isEmpty()) {
      InetSocketAddress other = follow(peer, standard, trusted);
      if (!other.getAddress().equals(client.getAddress())) {
        return Optional.empty();
      }
    }
    return Optional.of(client);
  }

  private static InetSocketAddress follow(
      InetSocketAddress peer,
      List<Optional<InetSocketAddress>> entries,
      Collection<AddressRange> trusted) {
    InetSocketAddress client = peer;
    for (int i = entries.size() - 1; i >= 0; i--) {
      if (entries.get(i).isEmpty() || !AddressRange.anyContains(trusted, client)) {
        break;
      }
      client = entries.get(i).get();
    }
    return client;
  }
}
