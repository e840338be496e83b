package dev.warren.magicsock;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.util.function.Supplier;

/**
 * Which of Netty's transports carries the sockets. io_uring is left out on purpose: it costs twice
 * the CPU per byte here (netty-quic-notes section 0). Immutable.
 */
public final class DatagramTransport {
  private final String name;
  private final Supplier<IoHandlerFactory> handlers;
  private final boolean epoll;

  private DatagramTransport(String name, Supplier<IoHandlerFactory> handlers, boolean epoll) {
    this.name = name;
    this.handlers = handlers;
    this.epoll = epoll;
  }

  /** epoll where it can be had, else NIO. */
  public static DatagramTransport best() {
    return Epoll.isAvailable() ? epoll() : nio();
  }

  /** Linux, with GSO and GRO. */
  public static DatagramTransport epoll() {
    return new DatagramTransport("epoll", EpollIoHandler::newFactory, true);
  }

  /** Everywhere. */
  public static DatagramTransport nio() {
    return new DatagramTransport("nio", NioIoHandler::newFactory, false);
  }

  /** For the event loop group. */
  public IoHandlerFactory ioHandlerFactory() {
    return handlers.get();
  }

  /**
   * A socket of exactly the family that its address will have: without one, Netty opens a
   * dual-stack socket, which then calls its address {@code ::} and hides the machine's IPv4
   * addresses from {@link OwnAddresses}.
   */
  DatagramChannel newChannel(boolean v6) {
    SocketProtocolFamily family = v6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
    return epoll ? new EpollDatagramChannel(family) : new NioDatagramChannel(family);
  }

  @Override
  public String toString() {
    return name;
  }
}
