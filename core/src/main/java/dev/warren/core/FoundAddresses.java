package dev.warren.core;

import dev.warren.base.TransportAddr;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.MemoryDiscovery;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
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
                    || !own.contains(ip.address()) && (trusted || usable(ip.address())))
        .toList();
  }

  private boolean usable(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    return ip != null
        && address.getPort() != 0
        && !ip.isAnyLocalAddress()
        && !ip.isMulticastAddress()
        && (loopbackOnly || !ip.isLoopbackAddress())
        && (ip instanceof Inet4Address ? usable4(ip.getAddress()) : usable6((Inet6Address) ip));
  }

  /** Neither "this network", 0.0.0.0/8, nor 240.0.0.0/4 with the broadcast address (RFC 6890). */
  private static boolean usable4(byte[] ip) {
    return ip[0] != 0 && (ip[0] & 0xf0) != 0xf0;
  }

  /** A link-local address means nothing without its interface; an IPv4-compatible one is IPv4. */
  private static boolean usable6(Inet6Address ip) {
    boolean compatible = ip.isIPv4CompatibleAddress() && !ip.isLoopbackAddress();
    return !compatible && !(ip.isLinkLocalAddress() && ip.getScopeId() == 0);
  }
}
