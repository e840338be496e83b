package dev.warren.discovery.dht.logic;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * How far an address reaches, the narrowest first. A node that lives in the world may not send us
 * to our own network or host: what it tells of must reach as far as it does itself.
 */
enum Scope {
  /** Multicast, broadcast, unspecified: no node lives there. */
  NONE,
  LOOPBACK,
  LINK,
  /** RFC 1918, RFC 4193, RFC 6598. */
  SITE,
  GLOBAL;

  static Scope of(InetAddress address) {
    byte[] ip = address.getAddress();
    int first = ip[0] & 0xff;
    if (address.isMulticastAddress() || address.isAnyLocalAddress()) {
      return NONE;
    }
    if (address.isLoopbackAddress()) {
      return LOOPBACK;
    }
    if (address.isLinkLocalAddress()) {
      return LINK;
    }
    if (address instanceof Inet6Address) {
      return (first & 0xfe) == 0xfc || address.isSiteLocalAddress() ? SITE : GLOBAL;
    }
    // 0.0.0.0/8 (RFC 1122) and 240.0.0.0/4, which has the broadcast address.
    if (first == 0 || first >= 240) {
      return NONE;
    }
    boolean shared = first == 100 && (ip[1] & 0xc0) == 0x40;
    return address.isSiteLocalAddress() || shared ? SITE : GLOBAL;
  }

  /** Whether somebody at {@code teller} may tell us of a node at {@code told}. */
  static boolean mayTell(InetAddress teller, InetAddress told) {
    Scope scope = of(told);
    return scope != NONE && scope.compareTo(of(teller)) >= 0;
  }
}
