package dev.warren.discovery.io;

import dev.warren.discovery.logic.AnswerCheck;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;

/**
 * One question over UDP, from a socket of its own: its port is a new random one each time, and
 * since it is connected the kernel drops what comes from elsewhere. What is not the answer is
 * dropped and counted; the question goes on.
 */
public final class UdpQuery extends Exchange<Message> {
  /** Bytes that an answer may have; more than we announce, as some servers do not care. */
  private static final int RECEIVE = 4096;

  private final InetSocketAddress server;
  private final byte[] query;
  private final AnswerCheck check;
  private final LongAdder ignored;

  /**
   * @param ignored counts the datagrams that were not the answer
   */
  public UdpQuery(EventLoop loop, InetSocketAddress server, Message query, LongAdder ignored) {
    super(loop, Shown.address(server));
    this.server = server;
    this.query = query.toWire();
    this.check = new AnswerCheck(query);
    this.ignored = ignored;
  }

  @Override
  void begin() {
    ChannelFuture connect =
        new Bootstrap()
            .group(loop)
            .channel(NioDatagramChannel.class)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE))
            .handler(new Answers())
            .connect(server);
    if (!use(connect.channel())) {
      return;
    }
    connect.addListener(
        f -> {
          if (f.isSuccess()) {
            connect
                .channel()
                .writeAndFlush(Unpooled.wrappedBuffer(query))
                .addListener(sent -> failedBy(sent.cause()));
          } else {
            failedBy(f.cause());
          }
        });
  }

  private void failedBy(@Nullable Throwable cause) {
    if (cause != null) {
      fail(what() + " cannot be reached: " + Shown.reason(cause));
    }
  }

  private final class Answers extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
      Message answer = check.accept(ByteBufUtil.getBytes(datagram.content()));
      if (answer == null) {
        ignored.increment();
      } else {
        succeed(answer);
      }
    }

    /** Nobody listens there, says the other host. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failedBy(cause);
    }
  }
}
