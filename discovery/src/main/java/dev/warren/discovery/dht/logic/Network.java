package dev.warren.discovery.dht.logic;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * Whom limits are for: an address of IPv4, or the 64 bits of an IPv6 network, in which one host has
 * as many addresses as it likes.
 */
record Network(int family, long bits) {
  static Network of(InetAddress address) {
    byte[] ip = address.getAddress();
    long bits = 0;
    for (byte b : ip.length == 4 ? ip : Arrays.copyOf(ip, 8)) {
      bits = bits << 8 | b & 0xff;
    }
    return new Network(ip.length, bits);
  }
}
