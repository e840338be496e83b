package dev.warren.serving.proxy;

import dev.warren.base.SocketAddrs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;

/**
 * IP addresses that begin with the same bits: {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one
 * address alone. An IPv4-mapped IPv6 address counts as IPv4. Immutable.
 *
 * @param first an address of the range
 * @param bits how many leading bits are compared: 0 to 32, for IPv6 to 128
 */
public record AddressRange(InetAddress first, int bits) {
  public AddressRange {
    if (bits < 0 || bits > first.getAddress().length * 8) {
      throw new IllegalArgumentException("/" + bits + " is no prefix length of " + first);
    }
  }

  /**
   * From {@code a.b.c.d}, {@code a.b.c.d/n}, {@code v6} or {@code v6/n}; nothing is looked up.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    String ip = slash < 0 ? text : text.substring(0, slash);
    try {
      InetAddress address =
          SocketAddrs.parse(ip.indexOf(':') < 0 ? ip + ":0" : "[" + ip + "]:0").getAddress();
      return new AddressRange(
          address, slash < 0 ? address.getAddress().length * 8 : bits(text.substring(slash + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no address range: write 192.0.2.0/24, 2001:db8::/32 or one address",
          e);
    }
  }

  private static int bits(String text) {
    if (!text.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("'" + text + "' is no prefix length");
    }
    return Integer.parseInt(text);
  }

  public boolean contains(InetAddress address) {
    byte[] a = first.getAddress();
    byte[] b = address.getAddress();
    if (a.length != b.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit += 8) {
      int mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit)) & 0xff;
      if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether any of {@code ranges} contains {@code address}. */
  public static boolean anyContains(Collection<AddressRange> ranges, InetSocketAddress address) {
    for (AddressRange range : ranges) {
      if (range.contains(address.getAddress())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    String ip = SocketAddrs.toString(new InetSocketAddress(first, 0));
    return ip.substring(0, ip.length() - 2).replaceAll("[\\[\\]]", "") + "/" + bits;
  }
}
