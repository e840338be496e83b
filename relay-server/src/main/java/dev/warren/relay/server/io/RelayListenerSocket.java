package dev.warren.relay.server.io;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.logic.HttpServices;
import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.io.AcceptFailures;
import dev.warren.serving.io.PeerAddress;
import dev.warren.serving.io.ProxyHeaderHandler;
import dev.warren.serving.io.Sockets;
import dev.warren.serving.io.TlsFront;
import dev.warren.serving.io.TlsTasks;
import dev.warren.serving.proxy.AddressRange;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The listening sockets of a relay and everything behind them. Any thread. */
public final class RelayListenerSocket {
  private final MultiThreadIoEventLoopGroup group;
  private final Arenas arenas;
  private final TlsTasks tlsTasks;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final DataPlane plane;
  private final ServiceCounters services = new ServiceCounters();
  private final Channel server;
  private final @Nullable Channel plain;
  private final @Nullable Channel stun;

  /**
   * Binds; waits.
   *
   * @param tasks where the cryptography of handshakes runs; closed with this
   * @throws IOException if an address cannot be had; the message names it. Nothing stays bound
   */
  public RelayListenerSocket(ListenerOptions options, DataPlane plane, TlsTasks tasks)
      throws IOException {
    this.plane = plane;
    this.tlsTasks = tasks;
    boolean epoll = Epoll.isAvailable();
    int loops = loops();
    arenas = new Arenas(loops);
    group =
        new MultiThreadIoEventLoopGroup(
            loops,
            new DefaultThreadFactory("warren-relay", true),
            epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    arenas.keepChunks(group);
    try {
      server =
          bound(
              "TCP",
              options.bind(),
              bootstrap(options.bind(), relayPipeline(options)).bind(options.bind()));
      plain =
          options.plainHttp() == null
              ? null
              : bound(
                  "TCP",
                  options.plainHttp(),
                  bootstrap(options.plainHttp(), portalPipeline(options))
                      .bind(options.plainHttp()));
      stun =
          options.stun() == null
              ? null
              : bound("UDP", options.stun(), StunServer.bind(group, options.stun(), services));
    } catch (IOException e) {
      group.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS).addListener(ended -> release());
      throw e;
    }
  }

  /** Event loops of a relay: half of the cores, since handshakes and TLS tasks want some too. */
  public static int loops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  private ServerBootstrap bootstrap(
      InetSocketAddress address, ChannelInitializer<SocketChannel> pipeline) {
    return new ServerBootstrap()
        .group(group)
        .channelFactory(Sockets.tcp(address))
        // Linux's default for the most (net.core.somaxconn): all clients come at once after a
        // restart, and whose SYN finds no place tries again after a second, three, seven.
        .option(ChannelOption.SO_BACKLOG, 4096)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOCATOR, arenas.allocator())
        // Low marks: Netty's buffer must not become a second, unbounded queue.
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(128 * 1024, 512 * 1024))
        // Small at first: a byte of a request that never comes whole keeps the buffer it came in.
        // Two full reads later it is as large as it gets.
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, receiving(512 * 1024))
        .handler(new AcceptFailures(plane::shed, services.acceptFailures))
        .childHandler(pipeline);
  }

  private static RecvByteBufAllocator receiving(int most) {
    return new AdaptiveRecvByteBufAllocator(2048, 2048, most);
  }

  private static Channel bound(String protocol, InetSocketAddress address, ChannelFuture binding)
      throws IOException {
    binding.awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new IOException(
          protocol + " " + SocketAddrs.toString(address) + ": " + binding.cause().getMessage(),
          binding.cause());
    }
    return binding.channel();
  }

  private ChannelInitializer<SocketChannel> relayPipeline(ListenerOptions options) {
    Certificates certificates = options.certificates();
    HttpFront.Options front =
        new HttpFront.Options(
            new HttpServices(certificates != null, options.version(), options.draining()),
            new DialectUpgrade(plane),
            options.trustedProxies(),
            this::establishTime,
            services);
    TlsFront tls =
        certificates == null
            ? null
            : new TlsFront(certificates, this::establishTime, tlsTasks, services.tlsFailures);
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel ch) {
        begin(ch);
        InetSocketAddress peer = PeerAddress.of(ch);
        boolean proxy = AddressRange.anyContains(options.trustedProxies(), peer);
        if (!plane.accepted(ch, peer.getAddress(), proxy)) {
          return;
        }
        if (options.proxyProtocol()) {
          ProxyHeaderHandler.addTo(ch, options.trustedProxies(), services.proxyRefused);
        }
        if (tls != null) {
          // TLS keeps the buffer of a record that has begun, and takes 16 KiB at a time anyway.
          ch.config().setRecvByteBufAllocator(receiving(64 * 1024));
          tls.addTo(ch);
        }
        ch.pipeline().addLast(new HttpFront(front));
      }
    };
  }

  private ChannelInitializer<SocketChannel> portalPipeline(ListenerOptions options) {
    HttpFront.Options front =
        new HttpFront.Options(null, null, options.trustedProxies(), this::establishTime, services);
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel ch) {
        begin(ch);
        InetSocketAddress peer = PeerAddress.of(ch);
        boolean proxy = AddressRange.anyContains(options.trustedProxies(), peer);
        if (plane.accepted(ch, peer.getAddress(), proxy)) {
          ch.pipeline().addLast(new HttpFront(front));
        }
      }
    };
  }

  private Duration establishTime() {
    return plane.limits().establishTime();
  }

  private void begin(SocketChannel ch) {
    channels.add(ch);
    services.connections.increment();
    ch.closeFuture().addListener(closed -> services.connectionsClosed.increment());
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /** Where the captive portal check is answered beside TLS. */
  public Optional<InetSocketAddress> plainAddress() {
    return Optional.ofNullable(plain).map(c -> (InetSocketAddress) c.localAddress());
  }

  /** Where STUN is answered. */
  public Optional<InetSocketAddress> stunAddress() {
    return Optional.ofNullable(stun).map(c -> (InetSocketAddress) c.localAddress());
  }

  /** What happened before and beside the relay protocol. */
  public ServiceCounters services() {
    return services;
  }

  /** Closes everything, within two seconds. */
  public void close() {
    server.close().awaitUninterruptibly(500);
    if (plain != null) {
      plain.close();
    }
    if (stun != null) {
      stun.close();
    }
    channels.close().awaitUninterruptibly(500);
    group
        .shutdownGracefully(0, 500, TimeUnit.MILLISECONDS)
        .addListener(ended -> release())
        .awaitUninterruptibly(1000);
  }

  /** The event loops have ended. */
  private void release() {
    arenas.release();
    tlsTasks.close();
  }
}
