package dev.warren.serving.io;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Who is at the other end of a connection: as the socket says, or as a PROXY header says. */
public final class PeerAddress {
  private static final AttributeKey<InetSocketAddress> PROXIED =
      AttributeKey.valueOf(PeerAddress.class, "proxied");

  private static final InetSocketAddress UNKNOWN =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private PeerAddress() {}

  /** Remembers what a trusted proxy said. */
  public static void set(Channel channel, InetSocketAddress client) {
    channel.attr(PROXIED).set(client);
  }

  public static InetSocketAddress of(Channel channel) {
    InetSocketAddress proxied = channel.attr(PROXIED).get();
    if (proxied != null) {
      return proxied;
    }
    return channel.remoteAddress() instanceof InetSocketAddress address ? address : UNKNOWN;
  }
}
