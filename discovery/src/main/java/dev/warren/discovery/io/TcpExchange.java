package dev.warren.discovery.io;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An exchange over TCP, to the first of the server's addresses that takes the connection, in TLS if
 * wanted.
 */
abstract class TcpExchange<T> extends Exchange<T> {
  /** Limit of one address, if there are more: half of them must fit the limit of the whole. */
  private static final int ATTEMPT_MS = 1500;

  private final List<InetSocketAddress> addresses;
  private final List<String> failures = new ArrayList<>();

  TcpExchange(EventLoop loop, String what, List<InetSocketAddress> addresses) {
    super(loop, what);
    this.addresses = addresses;
  }

  @Override
  final void begin() {
    dial(0);
  }

  private void dial(int index) {
    if (index == addresses.size()) {
      fail(what() + " cannot be reached: " + String.join(", ", failures));
      return;
    }
    InetSocketAddress address = addresses.get(index);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, addresses.size() == 1 ? 0 : ATTEMPT_MS)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    // Nothing until it is connected.
                  }
                });
    ChannelFuture connect = bootstrap.connect(address);
    if (!use(connect.channel())) {
      return;
    }
    connect.addListener(
        f -> {
          if (isOver()) {
            return;
          }
          if (f.isSuccess()) {
            connected(connect.channel());
            connect.channel().config().setAutoRead(true);
          } else {
            failures.add(Shown.address(address) + " (" + Shown.reason(f.cause()) + ")");
            dial(index + 1);
          }
        });
  }

  /** Adds the handlers; reading begins afterwards. */
  abstract void connected(Channel channel);

  /** Adds TLS if there is a context, and calls {@code ready} when requests may be sent. */
  final void secured(
      Channel channel, @Nullable Tls context, String host, int port, Runnable ready) {
    if (context == null) {
      ready.run();
      return;
    }
    SslHandler tls = context.handler(host, port);
    channel.pipeline().addLast(tls, new TlsFailures(host));
    tls.handshakeFuture()
        .addListener(
            f -> {
              if (isOver()) {
                return;
              }
              if (f.isSuccess()) {
                ready.run();
              } else {
                fail(what() + ": no TLS: " + Tls.explain(f.cause(), host));
              }
            });
  }

  /** Behind TLS: what fails there ends here, whether or not a handler of answers is there yet. */
  private final class TlsFailures extends ChannelInboundHandlerAdapter {
    private final String host;

    TlsFailures(String host) {
      this.host = host;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(what() + ": no TLS: " + Tls.explain(cause, host));
    }
  }
}
