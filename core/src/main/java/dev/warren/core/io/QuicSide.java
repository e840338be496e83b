package dev.warren.core.io;

import dev.warren.core.wire.ConnectionIds;
import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server or the client half of a shard: a virtual parent channel with {@link QuicEgress}, the
 * QUIC codec, and a tail that swallows what the codec leaves.
 *
 * <p>{@code receiveComplete} must follow each run of {@code receive}: quiche answers only then.
 * Shard loop only.
 */
final class QuicSide {
  private static final Logger LOG = LoggerFactory.getLogger(QuicSide.class);

  /** What QUIC believes to be our own address, on every connection and for ever. */
  static final InetSocketAddress LOCAL = new InetSocketAddress(local(), 12345);

  private final VirtualParentChannel channel;
  private final EventLoop loop;
  private final QuicEgress egress;
  private final QuicCounters counters;
  private @Nullable IncomingGate gate;
  private boolean dirty;

  /**
   * Decision about the Initial that is being processed; read by the token handler and initializer.
   */
  private IncomingGate.Decision admission = IncomingGate.Decision.ACCEPT;

  QuicSide(EventLoop loop, QuicCounters counters) {
    this.loop = loop;
    this.egress = new QuicEgress(counters);
    this.counters = counters;
    this.channel = new VirtualParentChannel(null, LOCAL);
  }

  /** Registers the channel and installs the codec. Call on any thread, once; waits. */
  void start(ChannelHandler codec, @Nullable IncomingGate incomingGate)
      throws InterruptedException {
    gate = incomingGate;
    loop.register(channel).sync();
    loop.submit(
            () -> {
              channel.pipeline().addLast(egress);
              channel.pipeline().addLast(codec);
              channel.pipeline().addLast(new Tail());
            })
        .sync();
  }

  VirtualParentChannel channel() {
    return channel;
  }

  QuicEgress egress() {
    return egress;
  }

  IncomingGate.Decision admission() {
    return admission;
  }

  void receive(PeerAddress from, ByteBuf datagram) {
    if (!channel.isActive()) {
      datagram.release();
      return;
    }
    if (gate != null && ConnectionIds.isInitial(datagram)) {
      admission = gate.decide(from, datagram);
      if (admission == IncomingGate.Decision.IGNORE) {
        counters.incomingIgnored.increment();
        datagram.release();
        return;
      }
    }
    dirty = true;
    channel.pipeline().fireChannelRead(new DatagramPacket(datagram, LOCAL, from));
    admission = IncomingGate.Decision.ACCEPT;
  }

  void receiveComplete() {
    if (dirty) {
      dirty = false;
      channel.pipeline().fireChannelReadComplete();
    }
  }

  private static InetAddress local() {
    byte[] ip = {(byte) 0xfd, 0x15, 0x07, 0x0a, 0x51, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    try {
      return InetAddress.getByAddress(ip);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Tail extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // A packet that quiche refuses is a stranger's or a stale one: not worth more than this.
      LOG.debug("dropped by the QUIC codec: {}", cause.toString());
    }
  }
}
