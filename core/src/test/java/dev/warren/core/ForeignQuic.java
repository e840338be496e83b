package dev.warren.core;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.core.io.OneKey;
import dev.warren.core.wire.IdentityCertificate;
import dev.warren.core.wire.ServerName;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** A QUIC end without anything of ours around it, to show what we would never show. */
final class ForeignQuic implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Messages that reached a stream of its: application bytes, in other words. */
  final AtomicInteger delivered = new AtomicInteger();

  private final Channel udp;

  /** A TLS key pair, and a certificate that is shown with it. */
  record Credentials(KeyPair keys, byte[] certificate) {
    KeyManager manager() {
      return OneKey.of(keys.getPrivate(), certificate);
    }

    /** Proves {@code node}, or if {@code broken} tries to: its signature has one wrong bit. */
    static Credentials of(SecretKey node, boolean broken) throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      byte[] der = IdentityCertificate.create(node, keys);
      if (broken) {
        der[der.length - 1] ^= 1;
      }
      return new Credentials(keys, der);
    }
  }

  /** Says no to every client. */
  static final X509TrustManager NOBODY =
      new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
          throw new CertificateException("nobody is good enough");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      };

  private ForeignQuic(ChannelHandler codec) throws InterruptedException {
    udp =
        new Bootstrap()
            .group(group)
            .channel(NioDatagramChannel.class)
            .handler(codec)
            .bind(SocketAddrs.parse("127.0.0.1:0"))
            .sync()
            .channel();
  }

  private static <B extends QuicCodecBuilder<B>> B limits(B builder) {
    return builder
        .maxIdleTimeout(5, TimeUnit.SECONDS)
        .initialMaxData(1 << 20)
        .initialMaxStreamDataBidirectionalLocal(1 << 20)
        .initialMaxStreamDataBidirectionalRemote(1 << 20)
        .initialMaxStreamDataUnidirectional(1 << 20)
        .initialMaxStreamsBidirectional(10)
        .initialMaxStreamsUnidirectional(10);
  }

  /** A server that judges clients by {@code trust}. */
  static ForeignQuic server(Credentials own, X509TrustManager trust) throws Exception {
    QuicSslContext tls =
        QuicSslContextBuilder.forServer(own.manager(), null)
            .trustManager(trust)
            .clientAuth(ClientAuth.REQUIRE)
            .applicationProtocols(Pair.ALPN.toString())
            .build();
    Sink sink = new Sink();
    ForeignQuic server =
        new ForeignQuic(
            limits(new QuicServerCodecBuilder())
                .sslContext(tls)
                .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                .handler(new Quiet())
                .streamHandler(sink)
                .build());
    sink.counter = server.delivered;
    return server;
  }

  /** A client that believes everybody; without credentials it shows none. */
  static ForeignQuic client(@Nullable Credentials own) throws Exception {
    QuicSslContextBuilder tls =
        QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols(Pair.ALPN.toString());
    if (own != null) {
      tls.keyManager(own.manager(), null);
    }
    QuicSslContext context = tls.build();
    return new ForeignQuic(
        limits(new QuicClientCodecBuilder())
            .sslEngineProvider(
                ch ->
                    context.newEngine(ch.alloc(), ServerName.of(SecretKey.generate().nodeId()), 1))
            .build());
  }

  InetSocketAddress address() {
    return (InetSocketAddress) udp.localAddress();
  }

  QuicChannel dial(InetSocketAddress to) throws Exception {
    return QuicChannel.newBootstrap(udp)
        .handler(new Quiet())
        .streamHandler(new Quiet())
        .remoteAddress(to)
        .connect()
        .get(10, TimeUnit.SECONDS);
  }

  /** Dials, sends a few bytes on a stream, and waits until it is thrown out. */
  void tryToDial(InetSocketAddress to) throws Exception {
    try {
      QuicChannel channel = dial(to);
      QuicStreamChannel stream =
          channel
              .createStream(QuicStreamType.UNIDIRECTIONAL, new Quiet())
              .get(10, TimeUnit.SECONDS);
      stream.write(Unpooled.wrappedBuffer(new byte[100]));
      if (!channel.closeFuture().await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the connection stays open");
      }
    } catch (ExecutionException refusedBeforeItWasOpen) {
      return;
    }
  }

  @Override
  public void close() {
    udp.close().awaitUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @ChannelHandler.Sharable
  static class Quiet extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof Channel) {
        ctx.fireChannelRead(msg);
      } else {
        ReferenceCountUtil.release(msg);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
  }

  @ChannelHandler.Sharable
  private static final class Sink extends Quiet {
    private volatile AtomicInteger counter = new AtomicInteger();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      counter.incrementAndGet();
      super.channelRead(ctx, msg);
    }
  }
}
