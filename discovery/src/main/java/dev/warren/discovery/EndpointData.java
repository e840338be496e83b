package dev.warren.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.TransportAddr;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where a node is, as services publish and find it. Immutable.
 *
 * @param addrs without duplicates, in the order of their worth: a service that has not room for all
 *     takes the first
 * @param userData what the application wants known of it: at most {@value #MAX_USER_DATA} bytes of
 *     UTF-8
 */
public record EndpointData(List<TransportAddr> addrs, Optional<String> userData) {
  /** So that "user-data=" and it fit one character string of a TXT record (discovery section 1). */
  public static final int MAX_USER_DATA = 245;

  public static final EndpointData EMPTY = new EndpointData(List.of(), Optional.empty());

  /**
   * @throws IllegalArgumentException if the user data is too long
   */
  public EndpointData {
    addrs = addrs.stream().distinct().toList();
    if (userData.isPresent() && userData.get().getBytes(UTF_8).length > MAX_USER_DATA) {
      throw new IllegalArgumentException(
          "user data must have at most " + MAX_USER_DATA + " bytes of UTF-8");
    }
  }

  /** The addresses of a node, the relay first. */
  public static EndpointData of(NodeAddr addr) {
    return new EndpointData(addr.addrs(), Optional.empty());
  }

  public EndpointData withUserData(String text) {
    return new EndpointData(addrs, Optional.of(text));
  }

  public List<RelayUrl> relays() {
    return addrs.stream()
        .filter(TransportAddr.Relay.class::isInstance)
        .map(a -> ((TransportAddr.Relay) a).url())
        .toList();
  }

  public List<InetSocketAddress> direct() {
    return addrs.stream()
        .filter(TransportAddr.Ip.class::isInstance)
        .map(a -> ((TransportAddr.Ip) a).address())
        .toList();
  }

  /** Neither addresses nor user data. */
  public boolean isEmpty() {
    return addrs.isEmpty() && userData.isEmpty();
  }

  /** The first relay and the direct addresses. */
  public NodeAddr toAddr(NodeId id) {
    NodeAddr addr = NodeAddr.of(id).withIps(direct());
    List<RelayUrl> relays = relays();
    return relays.isEmpty() ? addr : addr.withRelay(relays.get(0));
  }
}
