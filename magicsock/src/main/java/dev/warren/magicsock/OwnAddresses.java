package dev.warren.magicsock;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The direct addresses that follow from our sockets (magicsock section 8.2): a socket bound to one
 * address stands for that; one bound to any address for each interface's address of its family.
 * IPv6 link-local addresses never, loopback only if there is nothing else. Stateless.
 */
final class OwnAddresses {
  private OwnAddresses() {}

  static boolean isV6(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address;
  }

  /** Whether anything may be sent to an address that someone names. */
  static boolean sendable(InetSocketAddress ip) {
    return ip.getPort() != 0
        && !ip.getAddress().isAnyLocalAddress()
        && !ip.getAddress().isMulticastAddress();
  }

  static List<InetSocketAddress> of(List<InetSocketAddress> bound) {
    List<InetSocketAddress> own = new ArrayList<>();
    List<InetSocketAddress> loopback = new ArrayList<>();
    for (InetSocketAddress socket : bound) {
      if (!socket.getAddress().isAnyLocalAddress()) {
        own.add(socket);
        continue;
      }
      boolean v4 = socket.getAddress() instanceof Inet4Address;
      for (InetAddress ip : interfaceAddresses()) {
        if (v4 == ip instanceof Inet4Address && !(ip.isLinkLocalAddress() && !v4)) {
          (ip.isLoopbackAddress() ? loopback : own)
              .add(new InetSocketAddress(withoutZone(ip), socket.getPort()));
        }
      }
    }
    return own.isEmpty() ? loopback : own;
  }

  private static InetAddress withoutZone(InetAddress ip) {
    try {
      return InetAddress.getByAddress(ip.getAddress());
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static List<InetAddress> interfaceAddresses() {
    List<InetAddress> all = new ArrayList<>();
    try {
      for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (nic.isUp()) {
          all.addAll(Collections.list(nic.getInetAddresses()));
        }
      }
    } catch (SocketException noNetwork) {
      return all;
    }
    return all;
  }
}
