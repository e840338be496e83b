package dev.warren.benchmarks;

import dev.warren.base.SecretKey;
import dev.warren.core.wire.IdentityCertificate;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.handler.ssl.util.LazyX509Certificate;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Netty QUIC as one would use it by itself: codec on the UDP channel, one event loop, P-256
 * certificates on both sides that nobody checks. Sockets, windows, GSO, GRO, payload size and
 * congestion control are those of Warren's default.
 */
final class BareStack implements Stack {
  private static final int SOCKET_BUFFER = 7 * 1024 * 1024;
  private static final int SEGMENTS = 40;
  private static final String ALPN = "bench";
  private static final int WAIT_SECONDS = 60;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final QuicSslContext server;
  private final QuicSslContext client;
  private final List<Channel> sockets = new ArrayList<>();
  private Channel dialSocket;

  BareStack() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    // A certificate of the same size as Warren's; nobody checks it here.
    X509Certificate certificate =
        new LazyX509Certificate(IdentityCertificate.create(SecretKey.generate(), keys));
    OneKey key = new OneKey(keys.getPrivate(), certificate);
    server =
        QuicSslContextBuilder.forServer(key, null)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .clientAuth(ClientAuth.REQUIRE)
            .applicationProtocols(ALPN)
            .build();
    client =
        QuicSslContextBuilder.forClient()
            .keyManager(key, null)
            .endpointIdentificationAlgorithm("")
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols(ALPN)
            .build();
  }

  private static final class OneKey extends X509ExtendedKeyManager {
    private final PrivateKey key;
    private final X509Certificate certificate;

    OneKey(PrivateKey key, X509Certificate certificate) {
      this.key = key;
      this.certificate = certificate;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return ALPN;
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return ALPN;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {ALPN};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return ALPN;
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {ALPN};
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return ALPN;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }

  @Override
  public String serve() throws Exception {
    ChannelHandler codec =
        transport(new QuicServerCodecBuilder())
            .sslEngineProvider(ch -> server.newEngine(ch.alloc()))
            .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
            .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, new Segments())
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public boolean isSharable() {
                    return true;
                  }
                })
            .streamHandler(
                new ChannelInitializer<QuicStreamChannel>() {
                  @Override
                  protected void initChannel(QuicStreamChannel stream) {
                    stream.config().setOption(QuicChannelOption.READ_FRAMES, true);
                    stream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                    stream.pipeline().addLast(new StreamHandlers.Serving());
                  }
                })
            .build();
    InetSocketAddress bound = (InetSocketAddress) bind(codec).localAddress();
    return "127.0.0.1:" + bound.getPort();
  }

  private Channel bind(ChannelHandler codec) throws InterruptedException {
    Channel socket =
        new Bootstrap()
            .group(group)
            .channel(EpollDatagramChannel.class)
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
            .option(EpollChannelOption.UDP_GRO, true)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(65_536).maxMessagesPerRead(64))
            .handler(codec)
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
    sockets.add(socket);
    return socket;
  }

  private static <B extends QuicCodecBuilder<B>> B transport(B builder) {
    return builder
        .maxIdleTimeout(30, TimeUnit.SECONDS)
        .initialMaxData(16 << 20)
        .initialMaxStreamDataBidirectionalLocal(2 << 20)
        .initialMaxStreamDataBidirectionalRemote(2 << 20)
        .initialMaxStreamDataUnidirectional(2 << 20)
        .initialMaxStreamsBidirectional(100)
        .initialMaxStreamsUnidirectional(100)
        .maxRecvUdpPayloadSize(1472)
        .maxSendUdpPayloadSize(1452)
        .discoverPmtu(true)
        .activeMigration(false);
  }

  private static final class Segments implements SegmentedDatagramPacketAllocator {
    @Override
    public int maxNumSegments() {
      return SEGMENTS;
    }

    @Override
    public DatagramPacket newPacket(ByteBuf buffer, int segmentSize, InetSocketAddress remote) {
      return new SegmentedDatagramPacket(buffer, segmentSize, remote);
    }
  }

  @Override
  public Link dial(String address) throws Exception {
    synchronized (this) {
      if (dialSocket == null) {
        dialSocket =
            bind(
                transport(new QuicClientCodecBuilder())
                    .sslEngineProvider(ch -> client.newEngine(ch.alloc()))
                    .build());
      }
    }
    int colon = address.lastIndexOf(':');
    InetSocketAddress remote =
        new InetSocketAddress("127.0.0.1", Integer.parseInt(address.substring(colon + 1)));
    QuicChannel channel =
        QuicChannel.newBootstrap(dialSocket)
            .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, new Segments())
            .handler(new ChannelInboundHandlerAdapter())
            .remoteAddress(remote)
            .connect()
            .get(WAIT_SECONDS, TimeUnit.SECONDS);
    return new BareLink(channel);
  }

  private static final class BareLink implements Link {
    private final QuicChannel channel;

    BareLink(QuicChannel channel) {
      this.channel = channel;
    }

    private void open(ChannelHandler handler) throws Exception {
      channel
          .createStream(
              QuicStreamType.BIDIRECTIONAL,
              new ChannelInitializer<QuicStreamChannel>() {
                @Override
                protected void initChannel(QuicStreamChannel stream) {
                  stream.config().setOption(QuicChannelOption.READ_FRAMES, true);
                  stream.pipeline().addLast(handler);
                }
              })
          .get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void bulk(long bytes, int streams) throws Exception {
      List<CompletableFuture<Long>> counted = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        counted.add(done);
        open(new StreamHandlers.Writer(bytes, done));
      }
      for (CompletableFuture<Long> done : counted) {
        StreamHandlers.check(bytes, done.get(10, TimeUnit.MINUTES));
      }
    }

    @Override
    public long[] pingPong(int size, int count) throws Exception {
      CompletableFuture<long[]> done = new CompletableFuture<>();
      open(new StreamHandlers.Pinger(size, count, done));
      return done.get(5, TimeUnit.MINUTES);
    }

    @Override
    public void close() throws Exception {
      channel.close(true, 0, Unpooled.EMPTY_BUFFER).get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() throws Exception {
    for (Channel socket : sockets) {
      socket.close().sync();
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
  }
}
