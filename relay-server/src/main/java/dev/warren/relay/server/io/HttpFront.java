package dev.warren.relay.server.io;

import dev.warren.relay.server.logic.HttpServices;
import dev.warren.relay.server.wire.HttpAnswer;
import dev.warren.serving.io.PeerAddress;
import dev.warren.serving.logic.ClientAddress;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.wire.HttpRequest;
import dev.warren.serving.wire.HttpRequestReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side of a relay: reads one request, and answers it or hands the connection to the {@link
 * RelayUpgrade}. One request each: an answer ends the connection. Event loop only.
 */
final class HttpFront extends ByteToMessageDecoder {
  /**
   * What a client may still send after an answer, and for how long: closed with bytes unread, TCP
   * would reset the connection and the client might not see the answer (RFC 9112 section 9.6).
   */
  private static final int LINGER_SECONDS = 2;

  /** PROXY header, TLS, request: a listener's options, shared by its connections. */
  record Options(
      @Nullable HttpServices services,
      @Nullable RelayUpgrade upgrade,
      List<AddressRange> trustedProxies,
      Supplier<Duration> establish,
      ServiceCounters counters) {}

  private final Options options;
  private final HttpRequestReader reader = new HttpRequestReader();
  private @Nullable ScheduledFuture<?> deadline;

  HttpFront(Options options) {
    this.options = options;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor()
            .schedule(
                () -> {
                  options.counters.establishTimeouts.increment();
                  ctx.close();
                },
                options.establish.get().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  /** Also when the connection ends. */
  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    HttpRequest request;
    try {
      request = reader.read(in);
    } catch (HttpRequest.Refused e) {
      options.counters.badRequests.increment();
      in.skipBytes(in.readableBytes());
      answer(ctx, HttpAnswer.text(e.status(), e.getMessage() + "\n"), false);
      return;
    }
    if (request == null) {
      return;
    }
    boolean more = in.isReadable();
    in.skipBytes(in.readableBytes());
    Optional<HttpAnswer> answer = handle(ctx, request, more);
    if (answer.isPresent()) {
      answer(ctx, answer.get(), request.method().equals("HEAD"));
    } else {
      ctx.pipeline().remove(this);
    }
  }

  /** The answer; empty if the connection is handed over. */
  private Optional<HttpAnswer> handle(
      ChannelHandlerContext ctx, HttpRequest request, boolean more) {
    HttpServices services = options.services;
    RelayUpgrade upgrade = options.upgrade;
    if (services == null || upgrade == null) {
      return Optional.of(HttpServices.portalAnswer(request));
    }
    if (!isForRelay(request)) {
      return Optional.of(services.answer(request));
    }
    Optional<InetSocketAddress> client =
        ClientAddress.of(PeerAddress.of(ctx.channel()), request, options.trustedProxies);
    Optional<HttpAnswer> refusal;
    if (more) {
      // Sent before the 101, it may be a second request that a proxy has taken for part of this.
      refusal = bad("nothing may follow a request to upgrade before its answer\n");
    } else if (client.isEmpty()) {
      refusal = bad("X-Forwarded-For and Forwarded name different clients\n");
    } else {
      boolean tls = ctx.pipeline().get(SslHandler.class) != null;
      refusal =
          upgrade.upgrade(
              ctx, new RelayUpgrade.Asked(request, client.get(), tls, services.securityHeaders()));
    }
    return refusal.map(a -> a.with(services.securityHeaders()));
  }

  private Optional<HttpAnswer> bad(String why) {
    options.counters.badRequests.increment();
    return Optional.of(HttpAnswer.text("400 Bad Request", why));
  }

  private static boolean isForRelay(HttpRequest request) {
    String path = request.path();
    return request.method().equals("GET") && (path.equals("/relay") || path.equals("/derp"));
  }

  /** Answers, stops reading requests, and ends the connection once the client has the answer. */
  private void answer(ChannelHandlerContext ctx, HttpAnswer answer, boolean head) {
    ctx.pipeline().addLast(new Discard());
    ctx.writeAndFlush(Unpooled.wrappedBuffer(answer.encode(head)))
        .addListener(
            written -> {
              if (written.isSuccess()) {
                endOutput(ctx);
              } else {
                ctx.channel().close();
              }
            });
    ctx.pipeline().remove(this);
  }

  private static void endOutput(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (ctx.channel() instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      ctx.channel().close();
      return;
    }
    ctx.channel()
        .eventLoop()
        .schedule(() -> ctx.channel().close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    options.counters.connectionsErrored.increment();
    ctx.close();
  }

  /** Takes what comes after an answer, at most {@link HttpRequest#MAX} times 128 bytes. */
  private static final class Discard extends ChannelInboundHandlerAdapter {
    private static final int MOST = 2 << 20;
    private int bytes;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf buffer) {
        bytes += buffer.readableBytes();
        buffer.release();
      }
      if (bytes > MOST) {
        ctx.close();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // Nobody is interested any more.
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
