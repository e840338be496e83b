package dev.warren.relay.client.io;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.HttpHeadReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One {@code GET /ping} on a connection of its own, from dialling to the head of the answer; the
 * rest of the answer is not read. Redirects are not followed: another server's distance is of no
 * use. Event loop only.
 */
public final class PingChannel extends ByteToMessageDecoder {
  private final HttpHeadReader reader = new HttpHeadReader();
  private final RelayUrl url;
  private final CompletableFuture<Duration> result;
  private long sent;

  /** For a connection that is there; {@link #open} dials one. */
  PingChannel(RelayUrl url, CompletableFuture<Duration> result) {
    this.url = url;
    this.result = result;
  }

  /** Starts. The end of {@code result}, however it comes, closes the connection. */
  public static void open(
      EventLoop loop,
      List<InetSocketAddress> addresses,
      RelayUrl url,
      @Nullable SslContext tls,
      CompletableFuture<Duration> result) {
    TcpRace race =
        new TcpRace(
            loop,
            addresses,
            new TcpRace.Outcome() {
              @Override
              public void won(Channel channel) {
                result.whenComplete((rtt, failure) -> channel.close());
                begin(channel, url, tls, result);
              }

              @Override
              public void lost(String tried) {
                result.completeExceptionally(
                    new IOException("cannot connect to " + url + ": tried " + tried));
              }
            });
    result.whenComplete((rtt, failure) -> onLoop(loop, race::cancel));
    race.step();
  }

  private static void onLoop(EventLoop loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException loopIsGone) {
        // And the connections with it.
      }
    }
  }

  private static void begin(
      Channel channel, RelayUrl url, @Nullable SslContext tls, CompletableFuture<Duration> result) {
    PingChannel ping = new PingChannel(url, result);
    if (tls != null) {
      channel.pipeline().addLast(ClientTls.handler(tls, channel.alloc(), url.host(), url.port()));
    }
    channel.pipeline().addLast(ping);
    if (tls == null) {
      ping.ask(channel.pipeline().lastContext());
    }
    channel.config().setAutoRead(true);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent tls) {
      if (tls.isSuccess()) {
        ask(ctx);
      } else {
        fail("TLS: " + ClientTls.explain(tls.cause(), url.host()));
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
    HttpHead head = reader.read(in);
    if (head == null) {
      return;
    }
    if (head.status() / 100 == 2) {
      result.complete(Duration.ofNanos(Math.max(1, System.nanoTime() - sent)));
    } else {
      fail("it answered \"" + Shown.line(head.start()) + "\"");
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    fail("it closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    fail(Shown.line(String.valueOf(error.getMessage())));
  }

  private void fail(String why) {
    result.completeExceptionally(new IOException("no ping of " + url + ": " + why));
  }
}
