package dev.warren.relay.client.io;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.wire.HttpHead;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * One {@code GET /ping} on a connection of its own, from dialling to the head of the answer; the
 * rest of the answer is not read. Redirects are not followed: another server's distance is of no
 * use. Event loop only.
 */
public final class PingChannel extends ByteToMessageDecoder {
  private static final int CONNECT_MS = 3000;

  private final RelayUrl url;
  private final boolean secure;
  private final CompletableFuture<Duration> result;
  private long sent;

  private PingChannel(RelayUrl url, boolean secure, CompletableFuture<Duration> result) {
    this.url = url;
    this.secure = secure;
    this.result = result;
  }

  /** Starts. The end of {@code result}, however it comes, closes the connection. */
  public static void open(
      EventLoop loop,
      InetSocketAddress target,
      RelayUrl url,
      @Nullable SslContext tls,
      CompletableFuture<Duration> result) {
    boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    ChannelFuture connect =
        new Bootstrap()
            .group(loop)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel ch) {
                    if (tls != null) {
                      ch.pipeline().addLast(tls(tls, ch, url));
                    }
                    ch.pipeline().addLast(new PingChannel(url, tls != null, result));
                  }
                })
            .connect(target);
    Channel channel = connect.channel();
    connect.addListener(
        f -> {
          if (!f.isSuccess()) {
            result.completeExceptionally(
                new IOException("cannot connect to " + target + ": " + f.cause().getMessage()));
          }
        });
    result.whenComplete((rtt, failure) -> channel.close());
  }

  private static SslHandler tls(SslContext context, SocketChannel ch, RelayUrl url) {
    SSLEngine engine = context.newEngine(ch.alloc(), url.host(), url.port());
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    if (!secure) {
      ask(ctx);
    }
    super.channelActive(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent tls) {
      if (tls.isSuccess()) {
        ask(ctx);
      } else {
        fail("TLS: " + tls.cause().getMessage());
      }
    }
    super.userEventTriggered(ctx, event);
  }

  private void ask(ChannelHandlerContext ctx) {
    int port = url.uri().getPort();
    String request =
        "GET /ping HTTP/1.1\r\nHost: "
            + url.uri().getHost()
            + (port >= 0 ? ":" + port : "")
            + "\r\nConnection: close\r\n\r\n";
    sent = System.nanoTime();
    ctx.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (result.isDone()) {
      in.skipBytes(in.readableBytes());
      return;
    }
    HttpHead head = HttpHead.read(in);
    if (head == null) {
      return;
    }
    String[] status = head.start().split(" ", 3);
    if (status.length > 1 && status[1].length() == 3 && status[1].startsWith("2")) {
      result.complete(Duration.ofNanos(Math.max(1, System.nanoTime() - sent)));
    } else {
      fail("it answered \"" + head.start() + "\"");
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    fail("it closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    fail(String.valueOf(error.getMessage()));
  }

  private void fail(String why) {
    result.completeExceptionally(new IOException("no ping of " + url + ": " + why));
  }
}
