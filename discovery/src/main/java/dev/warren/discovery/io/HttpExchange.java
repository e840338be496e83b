package dev.warren.discovery.io;

import dev.warren.discovery.wire.HttpFormatException;
import dev.warren.discovery.wire.HttpResponse;
import dev.warren.discovery.wire.HttpResponseReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 request on a connection of its own, through a proxy if there is one. Redirects are
 * not followed: their answer is the answer.
 */
final class HttpExchange extends TcpExchange<HttpResponse> {
  private final HttpRequest request;
  private final Origin origin;
  private final @Nullable ProxyAddress proxy;
  private final Tls tls;

  HttpExchange(
      EventLoop loop,
      List<InetSocketAddress> addresses,
      HttpRequest request,
      @Nullable ProxyAddress proxy,
      Tls tls) {
    super(loop, request.uri().toString(), addresses);
    this.request = request;
    this.origin = Origin.of(request.uri());
    this.proxy = proxy;
    this.tls = tls;
  }

  @Override
  void connected(Channel channel) {
    if (proxy == null || !origin.secure()) {
      secure(channel);
      return;
    }
    HttpResponseReader reader = HttpResponseReader.ofTunnel();
    channel.pipeline().addLast(new Answer(reader, answer -> tunnelled(channel, answer)));
    send(channel, request.connect(origin, proxy), new byte[0]);
  }

  private void tunnelled(Channel channel, HttpResponse answer) {
    if (!answer.isOk()) {
      fail(
          what()
              + ": the proxy "
              + proxy
              + " answered "
              + answer.status()
              + (answer.status() == 407 ? ": give it the user and password that it wants" : ""));
      return;
    }
    channel.pipeline().remove(Answer.class);
    secure(channel);
  }

  private void secure(Channel channel) {
    secured(
        channel,
        origin.secure() ? tls : null,
        origin.host(),
        origin.port(),
        () -> {
          HttpResponseReader reader = new HttpResponseReader(request.maxAnswer());
          channel.pipeline().addLast(new Answer(reader, this::succeed));
          send(channel, request.head(origin, origin.secure() ? null : proxy), request.body());
        });
  }

  private static void send(Channel channel, String head, byte[] body) {
    ByteBuf bytes = Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII);
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes, Unpooled.wrappedBuffer(body)));
  }

  private final class Answer extends SimpleChannelInboundHandler<ByteBuf> {
    private final HttpResponseReader reader;
    private final Consumer<HttpResponse> then;

    Answer(HttpResponseReader reader, Consumer<HttpResponse> then) {
      this.reader = reader;
      this.then = then;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf piece) {
      if (isOver()) {
        return;
      }
      try {
        HttpResponse answer = reader.read(piece.nioBuffer());
        if (answer != null) {
          then.accept(answer);
        }
      } catch (HttpFormatException e) {
        fail(what() + " answered in no way that is understood: " + e.getMessage());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      try {
        then.accept(reader.end());
      } catch (HttpFormatException e) {
        fail(what() + ": " + e.getMessage());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(what() + ": " + Shown.reason(cause));
    }
  }
}
