package dev.warren.dns.server.io;

import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.wire.HttpAnswer;
import dev.warren.serving.io.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one HTTP/1.1 connection, or of one stream of HTTP/2: one after the other, as
 * answers come in the order of requests. What is sent ahead waits, and nothing more is read
 * meanwhile. Event loop only.
 */
final class HttpHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

  /** A longer body is 413 (dns-server section 4.1). */
  static final long LONGEST_BODY = 2 << 20;

  /** An answer waits for the store at most, which has some seconds. */
  private static final Duration ANSWER_TIME = Duration.ofSeconds(35);

  private final HttpRoutes routes;
  private final Connections connections;
  private final DnsLimits limits;
  private final DnsCounters counters;
  private final Queue<Object> ahead = new ArrayDeque<>();
  private @Nullable Deadline deadline;
  private @Nullable Incoming incoming;
  private boolean answering;
  private boolean ended;

  HttpHandler(HttpRoutes routes, Connections connections, DnsLimits limits, DnsCounters counters) {
    this.routes = routes;
    this.connections = connections;
    this.limits = limits;
    this.counters = counters;
  }

  /** A request that is still coming. */
  private static final class Incoming {
    final HttpRequest head;
    final ByteBuf kept = Unpooled.buffer(256, HttpExchange.LONGEST_KEPT + 1);
    long bytes;

    Incoming(HttpRequest head) {
      this.head = head;
    }

    /** The first bytes; of what is longer than anything that is served, one byte more. */
    void add(ByteBuf content) {
      bytes += content.readableBytes();
      kept.writeBytes(content, Math.min(content.readableBytes(), kept.maxWritableBytes()));
    }

    byte[] body() {
      byte[] body = new byte[kept.readableBytes()];
      kept.readBytes(body);
      return body;
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline = new Deadline(ctx.channel(), limits.requestTime(), counters.timeouts);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ended = true;
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
  }

  private void within(Duration time) {
    if (deadline != null) {
      deadline.set(time);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (ended) {
      ReferenceCountUtil.release(message);
    } else if (answering) {
      ahead.add(message);
      ctx.channel().config().setAutoRead(false);
    } else {
      onPart(ctx, message);
    }
  }

  private void onPart(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
        onMalformed(ctx, part.decoderResult().cause());
        return;
      }
      if (message instanceof HttpRequest head) {
        onHead(ctx, head);
      }
      Incoming current = incoming;
      if (message instanceof HttpContent content && current != null) {
        onContent(ctx, current, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void onMalformed(ChannelHandlerContext ctx, Throwable cause) {
    counters.badRequests.increment();
    int status = cause instanceof TooLongFrameException ? 431 : 400;
    end(ctx, HttpAnswer.text(status, "this is no HTTP request that is served here\n"));
  }

  private void onHead(ChannelHandlerContext ctx, HttpRequest head) {
    within(limits.requestTime());
    incoming = new Incoming(head);
    if (declared(head) > LONGEST_BODY) {
      end(ctx, HttpAnswer.text(413, "length limit exceeded"));
    } else if (HttpUtil.is100ContinueExpected(head)) {
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private static long declared(HttpRequest head) {
    return HttpUtil.getContentLength(head, 0L);
  }

  private void onContent(ChannelHandlerContext ctx, Incoming current, HttpContent content) {
    current.add(content.content());
    if (current.bytes > LONGEST_BODY) {
      end(ctx, HttpAnswer.text(413, "length limit exceeded"));
    } else if (content instanceof LastHttpContent) {
      incoming = null;
      answer(ctx, current);
    }
  }

  private void answer(ChannelHandlerContext ctx, Incoming request) {
    answering = true;
    within(ANSWER_TIME);
    Channel channel = connection(ctx.channel());
    connections.active(channel);
    HttpRequest head = request.head;
    HttpExchange exchange =
        new HttpExchange(
            head.method().name(),
            head.uri(),
            head.headers(),
            request.body(),
            PeerAddress.of(channel));
    routes.answer(exchange).whenComplete((answer, failure) -> onLoop(ctx, head, answer, failure));
  }

  private void onLoop(
      ChannelHandlerContext ctx,
      HttpRequest head,
      @Nullable HttpAnswer answer,
      @Nullable Throwable failure) {
    HttpAnswer said = answer;
    if (said == null) {
      LOG.warn("a request to {} failed", head.method(), failure);
      said = HttpAnswer.error(500, null);
    }
    HttpAnswer last = said;
    if (ctx.executor().inEventLoop()) {
      write(ctx, head, last);
      return;
    }
    try {
      ctx.executor().execute(() -> write(ctx, head, last));
    } catch (RejectedExecutionException closed) {
      LOG.debug("an HTTP answer came after the server was closed");
    }
  }

  private void write(ChannelHandlerContext ctx, HttpRequest head, HttpAnswer answer) {
    if (ended) {
      return;
    }
    boolean keep = HttpUtil.isKeepAlive(head);
    FullHttpResponse response = HttpResponses.of(answer, head, keep);
    ChannelFuture written = ctx.writeAndFlush(response);
    if (!keep) {
      ended = true;
      written.addListener(ChannelFutureListener.CLOSE);
      return;
    }
    within(limits.httpIdle());
    answering = false;
    next(ctx);
  }

  private void next(ChannelHandlerContext ctx) {
    while (!answering && !ended && !ahead.isEmpty()) {
      onPart(ctx, ahead.remove());
    }
    if (!answering && !ended) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  /** The last answer, while the request still comes: it is read for a moment, or is lost. */
  private void end(ChannelHandlerContext ctx, HttpAnswer answer) {
    ended = true;
    incoming = null;
    within(Duration.ofSeconds(1));
    FullHttpResponse response = HttpResponses.of(answer, null, false);
    response.headers().set(HttpHeaderNames.CONNECTION, "close");
    ctx.writeAndFlush(response);
  }

  /** Of a stream, the connection that it is in. */
  private static Channel connection(Channel channel) {
    return channel instanceof Http2StreamChannel ? channel.parent() : channel;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("HTTP: {}", cause.toString());
    ctx.close();
  }
}
