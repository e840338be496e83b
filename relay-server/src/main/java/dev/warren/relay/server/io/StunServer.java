package dev.warren.relay.server.io;

import dev.warren.relay.server.logic.StunAnswers;
import dev.warren.serving.io.Sockets;
import dev.warren.serving.logic.SourceRate;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells clients of iroh 0.35 and of Warren, by STUN, from which address their datagrams come
 * (relay-server section 4). Event loop only.
 *
 * <p>A request of at least 20 bytes gets an answer of 32, for IPv6 44: with IP and UDP headers 60
 * for 48 and 92 for 68, so at most 1.36 times what was sent goes to an address that nobody proved.
 * {@link SourceRate} bounds it: to one address 100 answers a second, 4.4 kB.
 */
final class StunServer extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger LOG = LoggerFactory.getLogger(StunServer.class);

  /** Clients send up to nine requests each 20 seconds: enough for 200 behind one address. */
  private static final int ANSWERS_PER_SECOND = 100;

  private static final int BURST = 200;

  /** One byte more than {@link StunAnswers} reads, so that it sees what is too long. */
  private static final int RECEIVE = 1281;

  /** Of the kernel: some thousand requests, when all clients come at once after a restart. */
  private static final int QUEUE = 1 << 20;

  private final ServiceCounters counters;
  private final SourceRate rate = new SourceRate(ANSWERS_PER_SECOND, BURST, System.nanoTime());

  private StunServer(ServiceCounters counters) {
    this.counters = counters;
  }

  static ChannelFuture bind(
      EventLoopGroup group, InetSocketAddress address, ServiceCounters counters) {
    return new Bootstrap()
        .group(group)
        .channelFactory(Sockets.udp(address))
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE))
        .option(ChannelOption.SO_RCVBUF, QUEUE)
        .handler(new StunServer(counters))
        .bind(address);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    counters.stunRequests.increment();
    ByteBuf content = packet.content();
    InetSocketAddress from = packet.sender();
    byte[] answer = StunAnswers.to(content.nioBuffer(), from);
    if (answer.length == 0) {
      counters.stunBad.increment();
    } else if (!rate.allows(from.getAddress(), System.nanoTime())) {
      counters.stunLimited.increment();
    } else {
      ctx.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(answer), from))
          .addListener(
              sent -> {
                if (!sent.isSuccess()) {
                  counters.stunFailures.increment();
                } else if (from.getAddress() instanceof Inet4Address) {
                  counters.stunIpv4.increment();
                } else {
                  counters.stunIpv6.increment();
                }
              });
    }
  }

  /** A socket error of one datagram, such as an ICMP refusal, concerns no other. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    counters.stunFailures.increment();
    LOG.debug("STUN: {}", cause.toString());
  }
}
