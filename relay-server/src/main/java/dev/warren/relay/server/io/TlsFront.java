package dev.warren.relay.server.io;

import dev.warren.relay.server.certificates.Certificates;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Puts TLS before the HTTP side of a new connection, with the certificate of this moment, and
 * counts handshakes that fail. Event loop only.
 */
final class TlsFront extends ChannelInboundHandlerAdapter {
  private final Certificates certificates;
  private final Duration limit;
  private final ServiceCounters counters;

  TlsFront(Certificates certificates, Duration limit, ServiceCounters counters) {
    this.certificates = certificates;
    this.limit = limit;
    this.counters = counters;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    SslContext context = certificates.current();
    if (context == null) {
      counters.tlsFailures.increment();
      ctx.close();
      return;
    }
    SslHandler tls = context.newHandler(ctx.alloc());
    tls.setHandshakeTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    ctx.pipeline().addBefore(ctx.name(), "tls", tls);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent done) {
      if (!done.isSuccess()) {
        counters.tlsFailures.increment();
      }
      ctx.pipeline().remove(this);
    }
    super.userEventTriggered(ctx, event);
  }
}
