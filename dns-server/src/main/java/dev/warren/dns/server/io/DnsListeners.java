package dev.warren.dns.server.io;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.io.AcceptFailures;
import dev.warren.serving.io.PeerAddress;
import dev.warren.serving.io.ProxyHeaderHandler;
import dev.warren.serving.io.Sockets;
import dev.warren.serving.io.TlsFront;
import dev.warren.serving.io.TlsTasks;
import dev.warren.serving.proxy.AddressRange;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sockets of a DNS server and everything behind them. Any thread. */
public final class DnsListeners {
  /** Ports that are tried for UDP and TCP together, if any port will do. */
  private static final int TRIES = 20;

  /** Linux's default for the most (net.core.somaxconn). */
  private static final int BACKLOG = 4096;

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final ListenerOptions options;
  private final Answers answers;
  private final DnsCounters counters;
  private final Connections connections;
  private final MultiThreadIoEventLoopGroup group;
  private final TlsTasks tlsTasks;
  private final ChannelGroup sockets = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final InetSocketAddress dns;
  private final @Nullable Channel http;
  private final @Nullable Channel https;

  /**
   * Binds; waits.
   *
   * @throws IOException if an address cannot be had; the message names it. Nothing stays bound
   */
  public DnsListeners(
      ListenerOptions options, Answers answers, HttpRoutes routes, DnsCounters counters)
      throws IOException {
    this.options = options;
    this.answers = answers;
    this.counters = counters;
    connections = new Connections(options.limits(), counters);
    int loops = Runtime.getRuntime().availableProcessors();
    tlsTasks = new TlsTasks(loops);
    group =
        new MultiThreadIoEventLoopGroup(
            loops,
            new DefaultThreadFactory("warren-dns", true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    HttpFront front = new HttpFront(routes, connections, options.limits(), counters);
    try {
      http = options.http() == null ? null : tcp(options.http(), plainHttp(front));
      https = options.https() == null ? null : tcp(options.https(), overTls(front));
      dns = bindDns(loops);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** UDP first: of a free port for it, TCP is mostly free as well. */
  private InetSocketAddress bindDns(int loops) throws IOException {
    for (int i = 1; ; i++) {
      Channel first = udp(options.dns(), loops > 1);
      InetSocketAddress bound = (InetSocketAddress) first.localAddress();
      try {
        tcp(bound, dnsOverTcp());
        for (int more = 1; more < loops && Epoll.isAvailable(); more++) {
          udp(bound, true);
        }
        return bound;
      } catch (IOException taken) {
        if (options.dns().getPort() != 0 || i == TRIES) {
          throw taken;
        }
        first.close().awaitUninterruptibly();
      }
    }
  }

  private Channel udp(InetSocketAddress address, boolean shared) throws IOException {
    ChannelFuture binding =
        UdpFront.bind(
            group, address, shared, answers, counters, options.limits().answersPerSecond());
    return bound("UDP", address, binding);
  }

  private Channel tcp(InetSocketAddress address, ChannelInitializer<SocketChannel> pipeline)
      throws IOException {
    ChannelFuture binding =
        new ServerBootstrap()
            .group(group)
            .channelFactory(Sockets.tcp(address))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(new AcceptFailures(connections::shed, counters.acceptFailures))
            .childHandler(pipeline)
            .bind(address);
    return bound("TCP", address, binding);
  }

  private Channel bound(String protocol, InetSocketAddress address, ChannelFuture binding)
      throws IOException {
    binding.awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new IOException(
          protocol + " " + SocketAddrs.toString(address) + ": " + binding.cause().getMessage(),
          binding.cause());
    }
    sockets.add(binding.channel());
    return binding.channel();
  }

  private ChannelInitializer<SocketChannel> dnsOverTcp() {
    return pipeline(
        false,
        ch ->
            ch.pipeline().addLast(new TcpFront(answers, connections, options.limits(), counters)));
  }

  private ChannelInitializer<SocketChannel> plainHttp(HttpFront front) {
    return pipeline(options.proxyProtocol(), ch -> ch.pipeline().addLast(front.plain()));
  }

  private ChannelInitializer<SocketChannel> overTls(HttpFront front) throws IOException {
    Certificates certificates = options.certificates();
    if (certificates == null) {
      throw new IOException("https needs a certificate, and none is configured");
    }
    TlsFront tls =
        new TlsFront(certificates, options.limits()::requestTime, tlsTasks, counters.tlsFailures);
    return pipeline(
        options.proxyProtocol(),
        ch -> {
          tls.addTo(ch);
          ch.pipeline().addLast(front.negotiated());
        });
  }

  private ChannelInitializer<SocketChannel> pipeline(
      boolean proxied, Consumer<SocketChannel> protocol) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel ch) {
        accepted.add(ch);
        InetSocketAddress peer = PeerAddress.of(ch);
        boolean proxy = AddressRange.anyContains(options.trustedProxies(), peer);
        connections.add(ch, proxy ? null : peer.getAddress());
        if (proxied) {
          ProxyHeaderHandler.addTo(ch, options.trustedProxies(), counters.proxyRefused);
        }
        protocol.accept(ch);
      }
    };
  }

  /** Where DNS is answered, over UDP and TCP. */
  public InetSocketAddress dns() {
    return dns;
  }

  public Optional<InetSocketAddress> http() {
    return address(http);
  }

  public Optional<InetSocketAddress> https() {
    return address(https);
  }

  private static Optional<InetSocketAddress> address(@Nullable Channel channel) {
    return Optional.ofNullable(channel).map(c -> (InetSocketAddress) c.localAddress());
  }

  /** TCP connections that are open. */
  public int connections() {
    return connections.size();
  }

  /** Closes everything, within two seconds. */
  public void close() {
    sockets.close().awaitUninterruptibly(500);
    accepted.close().awaitUninterruptibly(500);
    group
        .shutdownGracefully(0, 500, TimeUnit.MILLISECONDS)
        .addListener(ended -> tlsTasks.close())
        .awaitUninterruptibly(1000);
  }
}
