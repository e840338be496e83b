package dev.warren.base;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A node and where it may be found. Immutable; {@code with…} methods give changed copies. Addresses
 * are sorted and without duplicates.
 */
public final class NodeAddr {
  private final NodeId id;
  private final @Nullable RelayUrl relay;
  private final Set<InetSocketAddress> direct;
  private final List<TransportAddr.Custom> custom;

  private NodeAddr(
      NodeId id,
      @Nullable RelayUrl relay,
      Collection<InetSocketAddress> direct,
      List<TransportAddr.Custom> custom) {
    this.id = id;
    this.relay = relay;
    TreeSet<InetSocketAddress> sorted = new TreeSet<>(SocketAddrs.ORDER);
    for (InetSocketAddress address : direct) {
      if (address.isUnresolved()) {
        throw new IllegalArgumentException("not an IP address: " + address.getHostString());
      }
      sorted.add(address);
    }
    this.direct = Collections.unmodifiableSet(sorted);
    this.custom = custom.stream().distinct().sorted(EndpointTicket.CUSTOM_ORDER).toList();
  }

  /** A node of which nothing but the id is known. */
  public static NodeAddr of(NodeId id) {
    return new NodeAddr(id, null, Set.of(), List.of());
  }

  public NodeAddr withRelay(RelayUrl url) {
    return new NodeAddr(id, url, direct, custom);
  }

  public NodeAddr withoutRelay() {
    return new NodeAddr(id, null, direct, custom);
  }

  public NodeAddr withIp(InetSocketAddress address) {
    return withIps(List.of(address));
  }

  /** Adds addresses. */
  public NodeAddr withIps(Collection<InetSocketAddress> addresses) {
    List<InetSocketAddress> all = new ArrayList<>(direct);
    all.addAll(addresses);
    return new NodeAddr(id, relay, all, custom);
  }

  public NodeAddr withoutIps() {
    return new NodeAddr(id, relay, Set.of(), custom);
  }

  NodeAddr withCustom(Collection<TransportAddr.Custom> addresses) {
    List<TransportAddr.Custom> all = new ArrayList<>(custom);
    all.addAll(addresses);
    return new NodeAddr(id, relay, direct, all);
  }

  public NodeId id() {
    return id;
  }

  public Optional<RelayUrl> relay() {
    return Optional.ofNullable(relay);
  }

  /** Sorted: IPv4 before IPv6, then bytes, then port. */
  public Set<InetSocketAddress> direct() {
    return direct;
  }

  /** Everything: the relay, the direct addresses, custom ones. */
  public List<TransportAddr> addrs() {
    List<TransportAddr> all = new ArrayList<>();
    if (relay != null) {
      all.add(new TransportAddr.Relay(relay));
    }
    direct.forEach(a -> all.add(new TransportAddr.Ip(a)));
    all.addAll(custom);
    return all;
  }

  List<TransportAddr.Custom> custom() {
    return custom;
  }

  /** Whether nothing but the id is known. */
  public boolean isEmpty() {
    return relay == null && direct.isEmpty() && custom.isEmpty();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof NodeAddr other
        && id.equals(other.id)
        && Optional.ofNullable(relay).equals(Optional.ofNullable(other.relay))
        && direct.equals(other.direct)
        && custom.equals(other.custom);
  }

  @Override
  public int hashCode() {
    return id.hashCode() * 31 + direct.hashCode();
  }

  @Override
  public String toString() {
    return "NodeAddr[" + id.toShortString() + " " + addrs() + "]";
  }
}
