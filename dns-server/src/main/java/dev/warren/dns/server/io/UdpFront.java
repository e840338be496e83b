package dev.warren.dns.server.io;

import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.ResponseWriter;
import dev.warren.serving.io.Sockets;
import dev.warren.serving.logic.SourceRate;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DNS over UDP: one socket of perhaps several on one port. What was received together is answered
 * together. Event loop only.
 */
final class UdpFront extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(UdpFront.class);

  /** A query has some dozen bytes, and with every option that there is some hundred. */
  private static final int LONGEST_QUERY = 2048;

  /** Datagrams received by one call of the kernel (recvmmsg). */
  private static final int AT_ONCE = 32;

  /** Of the kernel, which grants half of it by default: what comes while a loop is busy. */
  private static final int RECEIVE_QUEUE = 4 << 20;

  /** Answers that wait for the kernel; a socket that takes none is no reason to keep more. */
  private static final WriteBufferWaterMark SEND_QUEUE = new WriteBufferWaterMark(1 << 20, 2 << 20);

  private static final int BURST_SECONDS = 4;

  private final Answers answers;
  private final DnsCounters counters;
  private final @Nullable SourceRate rate;

  private UdpFront(Answers answers, DnsCounters counters, int answersPerSecond) {
    this.answers = answers;
    this.counters = counters;
    rate =
        answersPerSecond == 0
            ? null
            : new SourceRate(
                answersPerSecond,
                (int) Math.min(Integer.MAX_VALUE, (long) answersPerSecond * BURST_SECONDS),
                System.nanoTime());
  }

  /**
   * Binds one socket.
   *
   * @param shared whether others will be bound to the same port: the kernel spreads senders
   * @param answersPerSecond to one address; 0 for no limit
   */
  static ChannelFuture bind(
      EventLoopGroup group,
      InetSocketAddress address,
      boolean shared,
      Answers answers,
      DnsCounters counters,
      int answersPerSecond) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channelFactory(Sockets.udp(address))
            .option(ChannelOption.SO_RCVBUF, RECEIVE_QUEUE)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, SEND_QUEUE)
            .handler(new UdpFront(answers, counters, answersPerSecond));
    if (Epoll.isAvailable()) {
      bootstrap
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, LONGEST_QUERY)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(LONGEST_QUERY * AT_ONCE));
      if (shared) {
        bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
      }
    } else {
      bootstrap.option(
          ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LONGEST_QUERY));
    }
    return bootstrap.bind(address);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    try {
      Query query = Query.read(packet.content());
      if (query == null) {
        counters.datagramsIgnored.increment();
        return;
      }
      counters.requestsUdp.increment();
      InetSocketAddress from = packet.sender();
      Answer answer = answers.to(query, later -> onLoop(ctx, query, later, from));
      if (answer != null) {
        write(ctx, query, answer, from);
      }
    } finally {
      packet.release();
    }
  }

  private void onLoop(ChannelHandlerContext ctx, Query query, Answer answer, InetSocketAddress to) {
    try {
      ctx.executor()
          .execute(
              () -> {
                write(ctx, query, answer, to);
                ctx.flush();
              });
    } catch (RejectedExecutionException closed) {
      counters.datagramsDropped.increment();
    }
  }

  private void write(ChannelHandlerContext ctx, Query query, Answer answer, InetSocketAddress to) {
    if (!ctx.channel().isWritable()) {
      counters.datagramsDropped.increment();
      return;
    }
    int limit = query.datagramLimit();
    if (rate != null && !rate.allows(to.getAddress(), System.nanoTime())) {
      counters.answersLimited.increment();
      limit = 0;
    }
    ByteBuf response = ResponseWriter.write(query, answer, limit, ctx.alloc());
    ctx.write(new DatagramPacket(response, to), ctx.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  /** A socket error of one datagram, such as an ICMP refusal, concerns no other. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    counters.datagramsDropped.increment();
    LOG.debug("DNS over UDP: {}", cause.toString());
  }
}
