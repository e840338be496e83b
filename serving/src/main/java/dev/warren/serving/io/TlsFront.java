package dev.warren.serving.io;

import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.wire.ClientHello;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * TLS of new connections: puts it into their pipelines, with the certificate of this moment, and
 * counts handshakes that fail. Any thread.
 */
public final class TlsFront {
  /** The protocol in which ACME authorities check a name (RFC 8737 section 6.2). */
  private static final String ACME = "acme-tls/1";

  /** A greeting longer than that is no client's; Netty's handler refuses it. */
  private static final int LONGEST_GREETING = 16 * 1024;

  private final Certificates certificates;
  private final Supplier<Duration> limit;
  private final TlsTasks tasks;
  private final LongAdder failures;

  /**
   * @param limit for a handshake, asked for each
   * @param failures counts handshakes that fail
   */
  public TlsFront(
      Certificates certificates, Supplier<Duration> limit, TlsTasks tasks, LongAdder failures) {
    this.certificates = certificates;
    this.limit = limit;
    this.tasks = tasks;
    this.failures = failures;
  }

  /** Adds TLS at the end of a pipeline that is being built. */
  public void addTo(SocketChannel channel) {
    if (certificates.answersChallenges()) {
      channel.pipeline().addLast(new Greeting());
    } else {
      SslContext context = certificates.current();
      if (context == null) {
        failures.increment();
        channel.close();
        return;
      }
      channel.pipeline().addLast(handler(channel, context));
    }
    channel.pipeline().addLast(new Outcome());
  }

  private SslHandler handler(Channel channel, SslContext context) {
    SslHandler tls = context.newHandler(channel.alloc(), tasks.of(channel));
    tls.setHandshakeTimeout(limit.get().toMillis(), TimeUnit.MILLISECONDS);
    return tls;
  }

  private @Nullable SslContext choose(ClientHello greeting) {
    return greeting.protocols().contains(ACME)
        ? greeting.serverName().map(certificates::challenge).orElse(null)
        : certificates.current();
  }

  /** Looks at what the client says first, and makes way for the TLS that it asks for. */
  private final class Greeting extends SslClientHelloHandler<SslContext> {
    Greeting() {
      super(LONGEST_GREETING);
    }

    @Override
    protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf greeting) {
      return ctx.executor()
          .newSucceededFuture(greeting == null ? null : choose(ClientHello.read(greeting)));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<SslContext> chosen) {
      SslContext context = chosen.getNow();
      if (context == null) {
        failures.increment();
        ctx.close();
      } else {
        ctx.pipeline().replace(this, null, handler(ctx.channel(), context));
      }
    }
  }

  /** Counts, and goes. */
  private final class Outcome extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent done) {
        if (!done.isSuccess()) {
          failures.increment();
        }
        ctx.pipeline().remove(this);
      }
      ctx.fireUserEventTriggered(event);
    }
  }
}
