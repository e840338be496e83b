package dev.warren.serving.wire;

import dev.warren.base.SocketAddrs;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy says at the beginning of a connection about whom it is for: versions 1 and 2 of
 * HAProxy's PROXY protocol. Immutable.
 *
 * @param source the client; empty if the proxy speaks for itself (health checks), or for a client
 *     without an IP address and a TCP port
 */
public record ProxyHeader(Optional<InetSocketAddress> source) {
  private static final byte[] V1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] V2 = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

  /** The longest line of version 1, with its end (section 2.1 of the protocol). */
  private static final int LONGEST_LINE = 107;

  private static final int V2_FIXED = 16;

  /** Version 2 allows 65,535 bytes of extensions; proxies send some hundred. */
  private static final int LONGEST_V2 = 4096;

  private static final int LOCAL = 0x20;
  private static final int PROXY = 0x21;
  private static final int TCP_IPV4 = 0x11;
  private static final int TCP_IPV6 = 0x21;

  /** Bytes that are no PROXY header. Has no stack trace. */
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private Malformed(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Reads a header and consumes it; null, and nothing is consumed, if it is not there in full.
   *
   * @throws Malformed as soon as it cannot become a header that is understood
   */
  public static @Nullable ProxyHeader read(ByteBuf in) throws Malformed {
    if (begins(in, V2)) {
      return version2(in);
    }
    if (begins(in, V1)) {
      return version1(in);
    }
    throw new Malformed("no PROXY header");
  }

  /** Whether the bytes that are there are those of {@code prefix}, as far as both reach. */
  private static boolean begins(ByteBuf in, byte[] prefix) {
    int n = Math.min(in.readableBytes(), prefix.length);
    for (int i = 0; i < n; i++) {
      if (in.getByte(in.readerIndex() + i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable ProxyHeader version1(ByteBuf in) throws Malformed {
    int from = in.readerIndex();
    int end = in.indexOf(from, Math.min(in.writerIndex(), from + LONGEST_LINE), (byte) '\n');
    if (end < 0) {
      if (in.readableBytes() >= LONGEST_LINE) {
        throw new Malformed("a PROXY line of more than " + LONGEST_LINE + " bytes");
      }
      return null;
    }
    String line = in.toString(from, end + 1 - from, StandardCharsets.US_ASCII);
    if (!line.endsWith("\r\n")) {
      throw new Malformed("a PROXY line without its end");
    }
    ProxyHeader header = line(line.substring(0, line.length() - 2).split(" ", -1));
    in.readerIndex(end + 1);
    return header;
  }

  /** {@code PROXY TCP4 source destination port port}, or {@code PROXY UNKNOWN} and anything. */
  private static ProxyHeader line(String[] words) throws Malformed {
    if (words[1].equals("UNKNOWN")) {
      return new ProxyHeader(Optional.empty());
    }
    boolean ipv6 = words[1].equals("TCP6");
    if (words.length != 6 || !ipv6 && !words[1].equals("TCP4")) {
      throw new Malformed("a PROXY line that is neither TCP4 nor TCP6");
    }
    address(words[3], words[5], ipv6);
    return new ProxyHeader(Optional.of(address(words[2], words[4], ipv6)));
  }

  private static InetSocketAddress address(String ip, String port, boolean ipv6) throws Malformed {
    try {
      return SocketAddrs.parse((ipv6 ? "[" + ip + "]" : ip) + ":" + port);
    } catch (IllegalArgumentException e) {
      throw new Malformed("a PROXY line with a wrong address");
    }
  }

  private static @Nullable ProxyHeader version2(ByteBuf in) throws Malformed {
    if (in.readableBytes() < V2_FIXED) {
      return null;
    }
    int at = in.readerIndex();
    int command = in.getUnsignedByte(at + 12);
    int family = in.getUnsignedByte(at + 13);
    int length = in.getUnsignedShort(at + 14);
    if (command != LOCAL && command != PROXY || length > LONGEST_V2) {
      throw new Malformed("a PROXY header of another version, or longer than " + LONGEST_V2);
    }
    int ipLength = command == LOCAL ? 0 : family == TCP_IPV4 ? 4 : family == TCP_IPV6 ? 16 : 0;
    if (ipLength > 0 && length < 2 * ipLength + 4) {
      throw new Malformed("a PROXY header too short for its addresses");
    }
    if (in.readableBytes() < V2_FIXED + length) {
      return null;
    }
    Optional<InetSocketAddress> source =
        ipLength == 0 ? Optional.empty() : Optional.of(source(in, at + V2_FIXED, ipLength));
    in.skipBytes(V2_FIXED + length);
    return new ProxyHeader(source);
  }

  /** Source, destination, source port, destination port. */
  private static InetSocketAddress source(ByteBuf in, int at, int ipLength) {
    byte[] ip = new byte[ipLength];
    in.getBytes(at, ip);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(ip), in.getUnsignedShort(at + 2 * ipLength));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
