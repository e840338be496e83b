package dev.warren.discovery.local.logic;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Which addresses mean something on a link. A zone is not part of a message (discovery section 11,
 * Q8), so a link-local address is told on its own link alone and gets that link's zone when heard.
 */
final class LinkAddresses {
  private LinkAddresses() {}

  /**
   * What of our addresses to tell on {@code link}. Loopback addresses help other programs of this
   * host; they are told only if there is nothing else.
   */
  static List<InetSocketAddress> told(List<InetSocketAddress> own, Link link) {
    List<InetSocketAddress> usable =
        own.stream().filter(a -> isUnicast(a) && isOn(a.getAddress(), link)).toList();
    List<InetSocketAddress> beyond =
        usable.stream().filter(a -> !a.getAddress().isLoopbackAddress()).toList();
    return beyond.isEmpty() ? usable : beyond;
  }

  private static boolean isOn(InetAddress ip, Link link) {
    return !(ip instanceof Inet6Address v6)
        || !v6.isLinkLocalAddress()
        || v6.getScopeId() == link.index();
  }

  /**
   * What of a node's addresses, heard on {@code link}, to believe: none that cannot be a node's. A
   * loopback address is one only if the node is on this host.
   */
  static List<InetSocketAddress> heard(
      List<InetSocketAddress> said, Link link, boolean fromThisHost) {
    return said.stream()
        .filter(LinkAddresses::isUnicast)
        .filter(a -> fromThisHost || !a.getAddress().isLoopbackAddress())
        .flatMap(a -> zoned(a, link).stream())
        .toList();
  }

  private static boolean isUnicast(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    return address.getPort() != 0
        && !ip.isAnyLocalAddress()
        && !ip.isMulticastAddress()
        && !isBroadcast(ip.getAddress());
  }

  private static boolean isBroadcast(byte[] ip) {
    return ip.length == 4 && (ip[0] & ip[1] & ip[2] & ip[3]) == -1;
  }

  private static Optional<InetSocketAddress> zoned(InetSocketAddress address, Link link) {
    if (!(address.getAddress() instanceof Inet6Address v6) || !v6.isLinkLocalAddress()) {
      return Optional.of(address);
    }
    try {
      InetAddress zoned = Inet6Address.getByAddress(null, v6.getAddress(), link.index());
      return Optional.of(new InetSocketAddress(zoned, address.getPort()));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
