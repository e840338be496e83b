package dev.warren.dns.server.io;

import dev.warren.dns.server.limits.DnsLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/1.1 and HTTP/2 on one port: over TLS as ALPN says, else as the first bytes do (prior
 * knowledge, RFC 9113 section 3.3). Any thread.
 */
final class HttpFront {
  private static final int LONGEST_HEAD = 16 * 1024;

  /** Requests of one HTTP/2 connection at once. */
  private static final int STREAMS = 100;

  private final HttpRoutes routes;
  private final Connections connections;
  private final DnsLimits limits;
  private final DnsCounters counters;

  HttpFront(HttpRoutes routes, Connections connections, DnsLimits limits, DnsCounters counters) {
    this.routes = routes;
    this.connections = connections;
    this.limits = limits;
    this.counters = counters;
  }

  /** For a connection behind whose handshake ALPN has spoken. */
  ApplicationProtocolNegotiationHandler negotiated() {
    return new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
      @Override
      public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        mustGoOn(ctx);
      }

      @Override
      protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
        if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
          http2(ctx.pipeline());
        } else {
          http1(ctx.pipeline());
        }
      }

      /** Failed handshakes are counted where TLS is; everybody may fail one. */
      @Override
      protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
      }
    };
  }

  /** For a connection without TLS. */
  ByteToMessageDecoder plain() {
    return new Preface();
  }

  /** Closes a connection on which it is not clear in time what will be spoken. */
  private void mustGoOn(ChannelHandlerContext ctx) {
    Future<?> look =
        ctx.executor()
            .schedule(
                () -> {
                  if (!ctx.isRemoved()) {
                    counters.timeouts.increment();
                    ctx.close();
                  }
                },
                limits.requestTime().toMillis(),
                TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> look.cancel(false));
  }

  private HttpHandler handler() {
    return new HttpHandler(routes, connections, limits, counters);
  }

  private void http1(ChannelPipeline pipeline) {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(LONGEST_HEAD)
            .setMaxHeaderSize(LONGEST_HEAD)
            .setMaxChunkSize(LONGEST_HEAD);
    pipeline.addLast(new HttpServerCodec(config), handler());
  }

  private void http2(ChannelPipeline pipeline) {
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(STREAMS)
            .maxHeaderListSize(LONGEST_HEAD);
    pipeline.addLast(
        new IdleStateHandler(0, 0, limits.httpIdle().toMillis(), TimeUnit.MILLISECONDS),
        Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
        new Http2MultiplexHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true), handler());
              }
            }),
        new Idle());
  }

  /** Closes a connection without a stream for a while. Event loop only. */
  private static final class Idle extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof IdleStateEvent) {
        ctx.close();
      } else {
        ctx.fireUserEventTriggered(event);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Looks at the first bytes, and makes way. Event loop only. */
  private final class Preface extends ByteToMessageDecoder {
    /** No method of HTTP/1.1 begins with these. */
    private static final int TELLING = 4;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      mustGoOn(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
      try {
        int length = Math.min(TELLING, in.readableBytes());
        boolean same = in.slice(in.readerIndex(), length).equals(preface.slice(0, length));
        if (same && length < TELLING) {
          return;
        }
        if (same) {
          http2(ctx.pipeline());
        } else {
          http1(ctx.pipeline());
        }
        ctx.pipeline().remove(this);
      } finally {
        preface.release();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
