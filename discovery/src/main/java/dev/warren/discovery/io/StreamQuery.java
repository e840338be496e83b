package dev.warren.discovery.io;

import dev.warren.discovery.logic.AnswerCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;

/** One question over TCP (RFC 7766) or TLS (RFC 7858), on a connection of its own. */
public final class StreamQuery extends TcpExchange<Message> {
  /** What the two bytes before a message can say. */
  private static final int MAX_MESSAGE = 65_535;

  private final @Nullable Tls tls;
  private final String host;
  private final int port;
  private final byte[] query;
  private final AnswerCheck check;
  private final LongAdder ignored;

  private StreamQuery(
      EventLoop loop,
      String what,
      List<InetSocketAddress> servers,
      @Nullable Tls tls,
      String host,
      Message query,
      LongAdder ignored) {
    super(loop, what, servers);
    this.tls = tls;
    this.host = host;
    this.port = servers.isEmpty() ? 0 : servers.get(0).getPort();
    this.query = query.toWire();
    this.check = new AnswerCheck(query);
    this.ignored = ignored;
  }

  /**
   * Over TCP.
   *
   * @param ignored counts the messages that were not the answer
   */
  public static StreamQuery tcp(
      EventLoop loop, InetSocketAddress server, Message query, LongAdder ignored) {
    return new StreamQuery(
        loop, Shown.address(server) + " (TCP)", List.of(server), null, "", query, ignored);
  }

  /** Over TLS; {@code host}, a name or an address, must be in the certificate. */
  public static StreamQuery tls(
      EventLoop loop,
      List<InetSocketAddress> servers,
      Tls tls,
      String host,
      Message query,
      LongAdder ignored) {
    return new StreamQuery(loop, "tls://" + host, servers, tls, host, query, ignored);
  }

  @Override
  void connected(Channel channel) {
    secured(channel, tls, host, port, () -> ask(channel));
  }

  private void ask(Channel channel) {
    channel
        .pipeline()
        .addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE + 2, 0, 2, 0, 2), new Answers());
    ByteBuf length = Unpooled.buffer(2).writeShort(query.length);
    channel.writeAndFlush(Unpooled.wrappedBuffer(length, Unpooled.wrappedBuffer(query)));
  }

  private final class Answers extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
      Message answer = check.accept(ByteBufUtil.getBytes(frame));
      if (answer == null) {
        ignored.increment();
        fail(what() + " sent something else than the answer");
      } else {
        succeed(answer);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail(what() + " closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(what() + ": " + Shown.reason(cause));
    }
  }
}
