package dev.warren.base;

import dev.warren.base.wire.PostcardException;
import dev.warren.base.wire.PostcardReader;
import dev.warren.base.wire.PostcardWriter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Socket addresses as this network writes them: text as RFC 5952, binary and order as
 * addresses-and-tickets section 3. An IPv4-mapped IPv6 address becomes IPv4, as the JDK has no
 * other form. Stateless.
 */
public final class SocketAddrs {
  /** IPv4 before IPv6, then address bytes, then port. */
  public static final Comparator<InetSocketAddress> ORDER =
      Comparator.<InetSocketAddress>comparingInt(a -> a.getAddress().getAddress().length)
          .thenComparing(a -> a.getAddress().getAddress(), Arrays::compareUnsigned)
          .thenComparingInt(InetSocketAddress::getPort);

  private SocketAddrs() {}

  /** {@code a.b.c.d:port} or {@code [v6]:port}. */
  public static String toString(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      return address.toString();
    }
    return ip instanceof Inet6Address
        ? "[" + v6(ip.getAddress()) + "]:" + address.getPort()
        : ip.getHostAddress() + ":" + address.getPort();
  }

  private static String v6(byte[] ip) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (ip[2 * i] & 0xff) << 8 | ip[2 * i + 1] & 0xff;
    }
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && groups[i + length] == 0) {
        length++;
      }
      if (length > bestLength) {
        bestStart = i;
        bestLength = length;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
      } else {
        if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  /**
   * From {@code a.b.c.d:port} or {@code [v6]:port}; no host names, so nothing is looked up.
   *
   * @throws IllegalArgumentException in one sentence
   */
  public static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon > 0 && text.length() <= 64 ? text.substring(0, colon) : "";
    boolean v6 = host.startsWith("[") && host.endsWith("]") && host.indexOf(':') > 0;
    String ip = v6 ? host.substring(1, host.length() - 1) : host;
    boolean literal = v6 ? ip.matches("[0-9a-fA-F:.]+") : ip.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (literal && port >= 0 && port <= 65535) {
        return new InetSocketAddress(InetAddress.getByName(ip), port);
      }
    } catch (NumberFormatException | UnknownHostException e) {
      // Falls through to the one message.
    }
    String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    throw new IllegalArgumentException(
        "not an address of the form IP:PORT or [IPV6]:PORT: " + shown);
  }

  static void write(PostcardWriter out, InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    out.varint(ip.length == 4 ? 0 : 1).raw(ip).varint(address.getPort());
  }

  static InetSocketAddress read(PostcardReader in) throws PostcardException {
    long family = in.varint(32);
    if (family > 1) {
      throw new PostcardException("address family " + family + " is unknown");
    }
    byte[] ip = in.take(family == 0 ? 4 : 16);
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip), (int) in.varint(16));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
