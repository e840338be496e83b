package dev.warren.serving.logic;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What counts as one address: an IPv4 address, or the /64 of an IPv6 address, since that is what
 * one subscriber gets at least (RFC 6177 section 2) and can choose from freely. IPv4 addresses
 * mapped into IPv6 are IPv4 addresses.
 */
public record AddressGroup(boolean v6, long bits) {
  public static AddressGroup of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    boolean v6 = address instanceof Inet6Address && !isMapped(bytes);
    if (v6) {
      return new AddressGroup(true, bytes.getLong(0));
    }
    return new AddressGroup(false, bytes.getInt(bytes.limit() - Integer.BYTES));
  }

  /** ::ffff:0:0/96; the JDK unmaps those that it parses, but not those that it is given scoped. */
  private static boolean isMapped(ByteBuffer bytes) {
    return bytes.getLong(0) == 0 && bytes.getInt(8) == 0xffff;
  }
}
