package dev.warren.serving.pages;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.serving.wire.HttpRequest;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A small HTTP/1.1 server for {@code GET}: one thread, {@value #MOST} connections, {@value
 * #SECONDS} s and one request for each. What comes beyond is closed. Any thread.
 */
public final class PageServer implements AutoCloseable {
  /** A few browsers and scrapers. */
  public static final int MOST = 64;

  /** From the connection to the last byte of the answer: these clients are near. */
  public static final int SECONDS = 10;

  private final MultiThreadIoEventLoopGroup group;
  private final ChannelGroup channels;
  private final Channel server;

  /**
   * Binds; waits.
   *
   * @param what is served, for messages
   * @param pages answers a request; on the event loop of this server, must not block
   */
  public PageServer(String what, InetSocketAddress address, Function<HttpRequest, Page> pages)
      throws EndpointBindException {
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("warren-" + what, true), NioIoHandler.newFactory());
    channels = new DefaultChannelGroup(group.next());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channelFactory(() -> socket(address))
            .option(ChannelOption.SO_BACKLOG, MOST)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (channels.size() >= MOST) {
                      channel.close();
                      return;
                    }
                    channels.add(channel);
                    channel.pipeline().addLast(new PageHandler(pages));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      group.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS);
      throw new EndpointBindException(
          what
              + " cannot be served on TCP "
              + SocketAddrs.toString(address)
              + ": "
              + bound.cause().getMessage()
              + " (choose another address or port)",
          bound.cause());
    }
    server = bound.channel();
  }

  /** 0.0.0.0 is not to mean all IPv6 addresses as well. */
  private static NioServerSocketChannel socket(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address
        ? new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET)
        : new NioServerSocketChannel();
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /** Runs a task on the thread of this server, again and again. */
  public void everySecond(Runnable task) {
    group.next().scheduleAtFixedRate(task, 0, 1, TimeUnit.SECONDS);
  }

  /** Within a second. Idempotent. */
  @Override
  public void close() {
    server.close().awaitUninterruptibly(200);
    channels.close().awaitUninterruptibly(200);
    group.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS).awaitUninterruptibly(500);
  }
}
