package dev.warren.core;

import dev.warren.base.TransportAddr;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.MemoryDiscovery;
import dev.warren.discovery.wire.WorldAddresses;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;

/**
 * What of a finding is worth a packet. Whoever may write in a directory could otherwise make all
 * who look there send to whom he likes: to services of their own machine, to all of a network, to
 * themselves. What the application has put into a {@link MemoryDiscovery} is its own affair.
 * (Broadcasts to a subnet look like any address; the system refuses to send them.) Immutable.
 */
final class FoundAddresses {
  /** The provenance of what the local network's service sees. */
  private static final String NEIGHBOURS = "mdns";

  private final Collection<InetSocketAddress> own;
  private final boolean loopbackOnly;

  /**
   * {@code own}: the addresses of our sockets. Where all are loopback, nobody else can be meant by
   * such.
   */
  FoundAddresses(Collection<InetSocketAddress> own) {
    this.own = List.copyOf(own);
    this.loopbackOnly =
        !own.isEmpty() && own.stream().allMatch(a -> a.getAddress().isLoopbackAddress());
  }

  /** The addresses of {@code item} that may be tried, in its order. */
  List<TransportAddr> of(DiscoveryItem item) {
    boolean trusted = item.provenance().equals(MemoryDiscovery.PROVENANCE);
    return item.data().addrs().stream()
        .filter(
            addr ->
                !(addr instanceof TransportAddr.Ip ip)
                    || !own.contains(ip.address())
                        && (trusted || usable(ip.address(), item.provenance())))
        .toList();
  }

  private boolean usable(InetSocketAddress address, String provenance) {
    WorldAddresses.Refusal refusal = WorldAddresses.refusal(address);
    if (refusal == null) {
      return true;
    }
    return switch (refusal) {
      case LOOPBACK -> loopbackOnly;
      // Those of a neighbour mean something: IPv4's, and IPv6's with the interface they were seen
      // at.
      case LINK_LOCAL ->
          address.getAddress() instanceof Inet6Address v6
              ? v6.getScopeId() != 0
              : provenance.equals(NEIGHBOURS);
      default -> false;
    };
  }
}
