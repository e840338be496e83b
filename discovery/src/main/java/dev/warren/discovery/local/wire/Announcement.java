package dev.warren.discovery.local.wire;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a node says of itself on the link. Nothing proves it: the handshake with the address does.
 *
 * @param addresses in the order of their worth; a message holds the first that it has room for
 */
public record Announcement(
    NodeId id,
    List<InetSocketAddress> addresses,
    Optional<RelayUrl> relay,
    Optional<String> userData) {
  public Announcement {
    addresses = List.copyOf(addresses);
  }

  public Announcement withAddresses(List<InetSocketAddress> others) {
    return new Announcement(id, others, relay, userData);
  }
}
