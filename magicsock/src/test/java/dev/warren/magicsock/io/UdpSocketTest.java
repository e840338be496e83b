package dev.warren.magicsock.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How one socket reads and writes. */
class UdpSocketTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final AtomicInteger datagrams = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();

  private interface Use {
    void with(EventLoop loop, UdpSocket socket) throws Exception;
  }

  private void bound(String transport, Use use) throws Exception {
    boolean epoll = transport.equals("epoll");
    Assumptions.assumeTrue(!epoll || Epoll.isAvailable(), "no epoll on this platform");
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    try {
      EventLoop loop = group.next();
      DatagramChannel channel =
          epoll
              ? new EpollDatagramChannel(SocketProtocolFamily.INET)
              : new NioDatagramChannel(SocketProtocolFamily.INET);
      UdpSocket socket =
          UdpSocket.bind(
              loop,
              channel,
              new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0),
              new UdpSocket.Inbound() {
                @Override
                public void onDatagram(InetSocketAddress from, ByteBuf datagram) {
                  datagrams.incrementAndGet();
                  datagram.release();
                }

                @Override
                public void onReadComplete() {
                  reads.incrementAndGet();
                }

                @Override
                public void onError(Throwable error) {}
              });
      use.with(loop, socket);
      socket.channel().close().sync();
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  /**
   * QUIC answers once for each read loop: one datagram a loop means one packet out for each in, and
   * half the throughput. A receive allocator that is passed without a number reads just one.
   */
  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void whatHasArrivedIsReadInOneLoop(String transport) throws Exception {
    bound(
        transport,
        (loop, socket) -> {
          CountDownLatch sent = new CountDownLatch(1);
          loop.execute(
              () -> {
                try {
                  sent.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
          try (DatagramSocket sender = new DatagramSocket()) {
            for (int i = 0; i < 40; i++) {
              byte[] data = new byte[100 + i];
              sender.send(new DatagramPacket(data, data.length, socket.localAddress()));
            }
          }
          sent.countDown();
          Await.until("all have arrived", SOON, () -> datagrams.get() == 40);
          Await.until("the loop has ended", SOON, () -> reads.get() > 0);
          assertThat(reads.get()).isLessThanOrEqualTo(2);
        });
  }

  /**
   * The codec knows no pacing: a burst of a whole window comes at once. What the socket does not
   * take is dropped, as a network would, and said so; nothing queues up here.
   */
  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void aBurstBeyondWhatTheSocketTakesIsDroppedNotQueued(String transport) throws Exception {
    bound(
        transport,
        (loop, socket) ->
            loop.submit(
                    () -> {
                      // As if the kernel's buffer were full: on loopback it never is.
                      socket
                          .channel()
                          .unsafe()
                          .outboundBuffer()
                          .setUserDefinedWritability(1, false);
                      int taken = 0;
                      ByteBuf refused = null;
                      for (int i = 0; i < 1000; i++) {
                        ByteBuf data = Unpooled.directBuffer(1200).writeZero(1200);
                        if (socket.send(socket.localAddress(), data, 0)) {
                          taken++;
                        } else {
                          refused = data;
                        }
                      }
                      assertThat(taken).isZero();
                      assertThat(refused).isNotNull();
                      assertThat(refused.refCnt()).isZero();
                      socket.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, true);
                      ByteBuf again = Unpooled.directBuffer(1200).writeZero(1200);
                      assertThat(socket.send(socket.localAddress(), again, 0)).isTrue();
                      socket.flush();
                      return taken;
                    })
                .get(10, TimeUnit.SECONDS));
  }

  /** A window of QUIC is a megabyte; Netty's own limit between two flushes is 64 KiB. */
  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void aBurstThatTheKernelTakesIsNotDroppedHere(String transport) throws Exception {
    bound(
        transport,
        (loop, socket) ->
            loop.submit(
                    () -> {
                      for (int i = 0; i < 1000; i++) {
                        ByteBuf data = Unpooled.directBuffer(1200).writeZero(1200);
                        assertThat(socket.send(socket.localAddress(), data, 0)).isTrue();
                      }
                      socket.flush();
                    })
                .get(10, TimeUnit.SECONDS));
  }
}
