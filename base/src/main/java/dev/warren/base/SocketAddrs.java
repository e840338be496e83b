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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<v4>N(?:\\.N){3})|\\[(?<v6>[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)\\]):(?<port>N)"
              .replace("N", "(?:0|[1-9][0-9]{0,4})"));

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
   * From {@code a.b.c.d:port} or {@code [v6]:port}, numbers without leading zeros; no host names,
   * so nothing is looked up.
   *
   * @throws IllegalArgumentException in one sentence
   */
  public static InetSocketAddress parse(String text) {
    Matcher form = FORM.matcher(text.length() <= 64 ? text : "");
    int port = form.matches() ? Integer.parseInt(form.group("port")) : -1;
    try {
      if (port >= 0 && port <= 65535) {
        String v4 = form.group("v4");
        return new InetSocketAddress(v4 != null ? v4(v4) : v6(form.group("v6")), port);
      }
    } catch (UnknownHostException e) {
      // Falls through to the one message.
    }
    String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    throw new IllegalArgumentException(
        "not an address of the form IP:PORT or [IPV6]:PORT: " + shown);
  }

  /** By hand: the JDK looks up {@code 256.0.0.1} as a host name. */
  private static InetAddress v4(String text) throws UnknownHostException {
    String[] octets = text.split("\\.");
    byte[] ip = new byte[4];
    for (int i = 0; i < 4; i++) {
      int octet = Integer.parseInt(octets[i]);
      if (octet > 255) {
        throw new UnknownHostException(text);
      }
      ip[i] = (byte) octet;
    }
    return InetAddress.getByAddress(ip);
  }

  /** What is in brackets the JDK never looks up. */
  private static InetAddress v6(String text) throws UnknownHostException {
    return InetAddress.getByName("[" + text + "]");
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
