package dev.warren.discovery.local.io;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An interface with the addresses that it had when it was looked at.
 *
 * @param subnets its addresses, each with the length of its prefix
 */
record LocalInterface(NetworkInterface device, List<InterfaceAddress> subnets) {
  /**
   * A host of containers has one for each, all of them ends of one bridge; those with an IPv4
   * address come first.
   */
  static final int MAX_INTERFACES = 16;

  /**
   * Those on which there may be others: up, with an address, and able to multicast. If there are
   * none, loopback, where other programs of this host are.
   */
  static List<LocalInterface> all(boolean loopbackOnly) throws IOException {
    List<LocalInterface> links = new ArrayList<>();
    List<LocalInterface> loopback = new ArrayList<>();
    for (NetworkInterface device : NetworkInterface.networkInterfaces().toList()) {
      try {
        LocalInterface found = new LocalInterface(device, List.copyOf(subnets(device)));
        if (found.subnets.isEmpty() || !device.isUp()) {
          continue;
        }
        if (device.isLoopback()) {
          loopback.add(found);
        } else if (device.supportsMulticast()) {
          links.add(found);
        }
      } catch (SocketException e) {
        // It has gone while it was looked at.
      }
    }
    if (loopbackOnly || links.isEmpty()) {
      return loopback;
    }
    links.sort(Comparator.comparing(i -> i.has(Inet4Address.class) ? 0 : 1));
    return List.copyOf(links.subList(0, Math.min(MAX_INTERFACES, links.size())));
  }

  private static List<InterfaceAddress> subnets(NetworkInterface device) {
    // The JDK puts a null there for an address that it cannot read.
    return device.getInterfaceAddresses().stream().filter(a -> a != null).toList();
  }

  boolean isLoopback() {
    return subnets.stream().anyMatch(s -> s.getAddress().isLoopbackAddress());
  }

  boolean has(Class<? extends InetAddress> family) {
    return subnets.stream().anyMatch(s -> family.isInstance(s.getAddress()));
  }

  List<InetAddress> addresses(Class<? extends InetAddress> family) {
    return subnets.stream().map(InterfaceAddress::getAddress).filter(family::isInstance).toList();
  }

  /** Whether {@code ip} is one of ours here. */
  boolean isOwn(InetAddress ip) {
    return subnets.stream().anyMatch(s -> s.getAddress().equals(ip));
  }

  /** Whether a sender with that address is a neighbour here, so that no router was between. */
  boolean isOnLink(InetAddress ip) {
    if (ip instanceof Inet6Address v6 && v6.isLinkLocalAddress()) {
      return v6.getScopeId() == device.getIndex() || v6.getScopeId() == 0;
    }
    return subnets.stream().anyMatch(subnet -> isIn(subnet, ip));
  }

  private static boolean isIn(InterfaceAddress subnet, InetAddress ip) {
    byte[] ours = subnet.getAddress().getAddress();
    byte[] its = ip.getAddress();
    int prefix = subnet.getNetworkPrefixLength();
    if (ours.length != its.length || prefix < 0 || prefix > ours.length * 8) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit += 8) {
      int mask = prefix - bit >= 8 ? 0xff : 0xff << 8 - (prefix - bit) & 0xff;
      if (((ours[bit / 8] ^ its[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
