package dev.warren.magicsock.io;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bound UDP socket. With epoll it sends batches by GSO and receives them by GRO; elsewhere
 * batches are cut here. Nothing is copied: buffers change hands.
 *
 * <p>The receive allocator is given explicitly with 64 reads a loop; one that is passed without
 * that reads a single datagram per wake-up (netty-quic-notes section 2). Errors of single
 * datagrams, such as ICMP port unreachable, are counted by the owner and never end the reading.
 * Socket loop only.
 */
public final class UdpSocket {
  private static final Logger LOG = LoggerFactory.getLogger(UdpSocket.class);

  /** What the kernel is asked for, each way (magicsock section 2). */
  private static final int BUFFER = 7 * 1024 * 1024;

  /** Reads of one wake-up; with GRO each may bring 64 datagrams. */
  private static final int READS = 64;

  /** A GRO batch is one datagram of at most this size. */
  private static final int GRO_MAX = 65_536;

  /** Without GRO: larger than any datagram that we accept (1472 and room for jumbo networks). */
  private static final int SINGLE_MAX = 16 * 1024;

  /** GSO limits of the kernel: 64 segments (UDP_MAX_SEGMENTS), and one IP packet in all. */
  private static final int MAX_SEGMENTS = 64;

  private static final int MAX_BATCH = 65_000;

  /** IPPROTO_IPV6 and IPV6_V6ONLY of Linux (netinet/in.h); Netty has no name for it. */
  private static final IntegerUnixChannelOption IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  /**
   * IP_MTU_DISCOVER and IPV6_MTU_DISCOVER of Linux (linux/in.h, linux/in6.h). By default (WANT) the
   * kernel sets "do not fragment" until an ICMP message, which anyone can forge, tells it of a
   * smaller MTU; then it fragments, but fails batches. PROBE always sets "do not fragment" and lets
   * our own probes decide, as RFC 9000 section 14 wants it. DONT lets everyone fragment.
   */
  private static final IntegerUnixChannelOption IP_MTU_DISCOVER =
      new IntegerUnixChannelOption("IP_MTU_DISCOVER", 0, 10);

  private static final IntegerUnixChannelOption IPV6_MTU_DISCOVER =
      new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", 41, 23);

  private static final int PMTUDISC_DONT = 0;
  private static final int PMTUDISC_PROBE = 3;

  /** Takes what arrives. */
  public interface Inbound {
    /** One datagram; ownership passes. */
    void onDatagram(InetSocketAddress from, ByteBuf datagram);

    /** The read loop ended. */
    void onReadComplete();

    /** The socket reported an error for some datagram. */
    void onError(Throwable error);
  }

  private final DatagramChannel channel;
  private final boolean epoll;
  private boolean dirty;

  private UdpSocket(DatagramChannel channel, boolean epoll) {
    this.channel = channel;
    this.epoll = epoll;
  }

  /** Registers and binds a new channel; waits, so not on the loop. */
  public static UdpSocket bind(
      EventLoop loop, DatagramChannel unbound, InetSocketAddress address, Inbound inbound)
      throws IOException {
    boolean epoll = unbound instanceof EpollDatagramChannel;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(() -> unbound)
            .option(ChannelOption.SO_RCVBUF, BUFFER)
            .option(ChannelOption.SO_SNDBUF, BUFFER)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(epoll ? GRO_MAX : SINGLE_MAX)
                    .maxMessagesPerRead(READS))
            .handler(new Reader(inbound));
    if (epoll) {
      bootstrap.option(EpollChannelOption.UDP_GRO, true);
      bootstrap.option(mtuDiscover(address), PMTUDISC_PROBE);
      if (address.getAddress() instanceof Inet6Address) {
        // So that the same port can be bound for IPv4 beside it.
        bootstrap.option(IPV6_V6ONLY, 1);
      }
    }
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    DatagramChannel channel = (DatagramChannel) bound.channel();
    LOG.debug(
        "bound {}, buffers {} and {} bytes",
        channel.localAddress(),
        channel.config().getReceiveBufferSize(),
        channel.config().getSendBufferSize());
    return new UdpSocket(channel, epoll);
  }

  public InetSocketAddress localAddress() {
    return channel.localAddress();
  }

  /**
   * Sends a datagram, or a batch cut every {@code segmentSize} bytes. Takes ownership. False if the
   * socket takes no more at present: the data was dropped.
   */
  public boolean send(InetSocketAddress to, ByteBuf data, int segmentSize) {
    if (!takesMore()) {
      data.release();
      return false;
    }
    dirty = true;
    int n = data.readableBytes();
    if (segmentSize <= 0 || n <= segmentSize) {
      channel.write(new DatagramPacket(data, to), channel.voidPromise());
    } else if (epoll && n <= MAX_BATCH && n <= MAX_SEGMENTS * segmentSize) {
      channel.write(new SegmentedDatagramPacket(data, segmentSize, to), channel.voidPromise());
    } else {
      while (data.isReadable()) {
        ByteBuf one = data.readRetainedSlice(Math.min(segmentSize, data.readableBytes()));
        channel.write(new DatagramPacket(one, to), channel.voidPromise());
      }
      data.release();
    }
    return true;
  }

  /**
   * Netty calls a channel full at 64 KiB, which is one batch, though the kernel was not asked yet.
   */
  private boolean takesMore() {
    if (!channel.isWritable()) {
      channel.flush();
    }
    return channel.isWritable();
  }

  /**
   * As {@link #send}, but IP may fragment: for a path that has become too small for what QUIC sends
   * and a peer without a relay. Slow, since it changes the socket's options to and fro; without
   * epoll, whatever the system does.
   */
  public boolean sendInFragments(InetSocketAddress to, ByteBuf data, int segmentSize) {
    if (!epoll || !takesMore()) {
      return send(to, data, segmentSize);
    }
    channel.flush();
    channel.config().setOption(mtuDiscover(to), PMTUDISC_DONT);
    int size = segmentSize > 0 ? segmentSize : data.readableBytes();
    while (data.isReadable()) {
      ByteBuf one = data.readRetainedSlice(Math.min(size, data.readableBytes()));
      channel.write(new DatagramPacket(one, to), channel.voidPromise());
    }
    data.release();
    channel.flush();
    channel.config().setOption(mtuDiscover(to), PMTUDISC_PROBE);
    return true;
  }

  private static IntegerUnixChannelOption mtuDiscover(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
  }

  public void flush() {
    if (dirty) {
      dirty = false;
      channel.flush();
    }
  }

  public Channel channel() {
    return channel;
  }

  private static final class Reader extends ChannelInboundHandlerAdapter {
    private final Inbound inbound;

    Reader(Inbound inbound) {
      this.inbound = inbound;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      DatagramPacket packet = (DatagramPacket) msg;
      inbound.onDatagram(packet.sender(), packet.content());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      inbound.onReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      inbound.onError(cause);
    }
  }
}
