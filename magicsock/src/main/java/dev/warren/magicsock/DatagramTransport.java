package dev.warren.magicsock;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.util.function.Supplier;

/**
 * Which of Netty's transports carries the sockets. io_uring is left out on purpose: it costs twice
 * the CPU per byte here (netty-quic-notes section 0). Immutable.
 */
public final class DatagramTransport {
  private final String name;
  private final Supplier<IoHandlerFactory> handlers;
  private final Class<? extends DatagramChannel> channel;

  private DatagramTransport(
      String name, Supplier<IoHandlerFactory> handlers, Class<? extends DatagramChannel> channel) {
    this.name = name;
    this.handlers = handlers;
    this.channel = channel;
  }

  /** epoll where it can be had, else NIO. */
  public static DatagramTransport best() {
    return Epoll.isAvailable() ? epoll() : nio();
  }

  /** Linux, with GSO and GRO. */
  public static DatagramTransport epoll() {
    return new DatagramTransport("epoll", EpollIoHandler::newFactory, EpollDatagramChannel.class);
  }

  /** Everywhere. */
  public static DatagramTransport nio() {
    return new DatagramTransport("nio", NioIoHandler::newFactory, NioDatagramChannel.class);
  }

  /** For the event loop group. */
  public IoHandlerFactory ioHandlerFactory() {
    return handlers.get();
  }

  Class<? extends DatagramChannel> channel() {
    return channel;
  }

  @Override
  public String toString() {
    return name;
  }
}
