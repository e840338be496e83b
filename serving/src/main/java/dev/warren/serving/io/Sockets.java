package dev.warren.serving.io;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;

/**
 * Sockets of the family of the address that they will be bound to. Left to themselves, both
 * transports open an IPv6 socket, and whoever says 0.0.0.0 is served on all IPv6 addresses too. The
 * address {@code ::} means both families. Stateless.
 */
public final class Sockets {
  private Sockets() {}

  private static boolean isIpv4(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address;
  }

  /** Listens for connections. */
  public static ChannelFactory<ServerChannel> tcp(InetSocketAddress address) {
    boolean epoll = Epoll.isAvailable();
    if (isIpv4(address)) {
      return epoll
          ? () -> new EpollServerSocketChannel(SocketProtocolFamily.INET)
          : () ->
              new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET);
    }
    return epoll ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
  }

  /** Receives datagrams. */
  public static ChannelFactory<DatagramChannel> udp(InetSocketAddress address) {
    boolean epoll = Epoll.isAvailable();
    if (isIpv4(address)) {
      return epoll
          ? () -> new EpollDatagramChannel(SocketProtocolFamily.INET)
          : () -> new NioDatagramChannel(SocketProtocolFamily.INET);
    }
    return epoll ? EpollDatagramChannel::new : NioDatagramChannel::new;
  }
}
