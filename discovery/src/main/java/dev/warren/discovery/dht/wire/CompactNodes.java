package dev.warren.discovery.dht.wire;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Contacts as answers list them (BEP 5, for IPv6 BEP 32): 20 bytes of id, the address of 4 or 16,
 * the port in big endian, one after the other. Stateless.
 */
public final class CompactNodes {
  /**
   * Contacts of one list that are looked at: the most that nodes are known to send (Rust mainline
   * sends its bucket of 20).
   */
  public static final int MAX = 20;

  private CompactNodes() {}

  /**
   * The contacts in {@code list}, the first {@link #MAX}. Those with port 0 are left out.
   *
   * @param ip bytes of an address: 4 or 16
   * @throws DhtFormatException if the last one is cut
   */
  static List<DhtContact> parse(byte[] list, int ip) throws DhtFormatException {
    int each = DhtId.LENGTH + ip + 2;
    if (list.length % each != 0) {
      throw new DhtFormatException("a list of nodes ends in the middle of one");
    }
    List<DhtContact> contacts = new ArrayList<>();
    for (int at = 0; at < list.length && contacts.size() < MAX; at += each) {
      DhtId id = DhtId.of(Arrays.copyOfRange(list, at, at + DhtId.LENGTH));
      InetSocketAddress address = address(Arrays.copyOfRange(list, at + DhtId.LENGTH, at + each));
      if (address != null && address.getPort() != 0) {
        contacts.add(new DhtContact(id, address));
      }
    }
    return contacts;
  }

  /** The list of those contacts whose addresses have {@code ip} bytes. */
  static byte[] encode(List<DhtContact> contacts, int ip) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (DhtContact contact : contacts) {
      if (contact.address().getAddress().getAddress().length == ip) {
        out.writeBytes(contact.id().toBytes());
        out.writeBytes(endpoint(contact.address()));
      }
    }
    return out.toByteArray();
  }

  /** Address and port. */
  static byte[] endpoint(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    byte[] endpoint = Arrays.copyOf(ip, ip.length + 2);
    endpoint[ip.length] = (byte) (address.getPort() >> 8);
    endpoint[ip.length + 1] = (byte) address.getPort();
    return endpoint;
  }

  /** What {@link #endpoint} has written; null if it has another length. */
  static @Nullable InetSocketAddress address(byte[] endpoint) {
    int ip = endpoint.length - 2;
    if (ip != 4 && ip != 16) {
      return null;
    }
    int port = (endpoint[ip] & 0xff) << 8 | endpoint[ip + 1] & 0xff;
    return new InetSocketAddress(ip(Arrays.copyOf(endpoint, ip)), port);
  }

  private static InetAddress ip(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
