package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeAddr;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server's first flight is larger than the client's, and the client has proved nothing yet: the
 * server answers each datagram with three of the same size.
 */
class UnprovenAddressTest {
  private static final int SIZE = 1200;
  private static final Duration SOON = Duration.ofSeconds(5);

  /** Before QUIC's timer would send it again. */
  private static final Duration QUICK = Duration.ofMillis(900);

  private MultiThreadIoEventLoopGroup loops;
  private EventLoop clientLoop;
  private MagicSocket server;
  private MagicSocket client;
  private final AtomicInteger arrived = new AtomicInteger();

  /** So that the first exchange that is timed is not spent on loading classes and ciphers. */
  @BeforeAll
  static void warmUp() throws Exception {
    UnprovenAddressTest once = new UnprovenAddressTest();
    once.bind();
    try {
      Peer peer = once.serverAt(once.serverAddress());
      once.clientLoop.execute(() -> once.dial(peer));
      Await.until("a first answer", SOON.multipliedBy(4), () -> once.arrived.get() >= 3);
    } finally {
      once.close();
    }
  }

  @BeforeEach
  void bind() throws Exception {
    DatagramTransport nio = DatagramTransport.nio();
    loops = new MultiThreadIoEventLoopGroup(2, nio.ioHandlerFactory());
    server = socket(loops.next(), this::answerThreefold);
    clientLoop = loops.next();
    client = socket(clientLoop, (peer, datagram) -> arrived.incrementAndGet());
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
  }

  private interface Taker {
    void take(Peer peer, ByteBuf datagram);
  }

  private static MagicSocket socket(EventLoop loop, Taker taker) throws Exception {
    return MagicSocket.builder()
        .secretKey(SecretKey.generate())
        .eventLoop(loop)
        .transport(DatagramTransport.nio())
        .bindAddrs(List.of(SocketAddrs.parse("127.0.0.1:0")))
        .callbacks(Runnable::run)
        .receiver(
            new DatagramReceiver() {
              @Override
              public void onDatagram(Peer peer, ByteBuf datagram) {
                taker.take(peer, datagram);
                datagram.release();
              }

              @Override
              public void onReadComplete() {}
            })
        .bind();
  }

  private void answerThreefold(Peer peer, ByteBuf datagram) {
    peer.send(quic(3 * datagram.readableBytes()), datagram.readableBytes());
    peer.flush();
  }

  private static ByteBuf quic(int size) {
    return Unpooled.directBuffer(size).writeZero(size).setByte(0, 0xc3);
  }

  private InetSocketAddress serverAddress() {
    return server.boundSockets().get(0);
  }

  private Peer serverAt(InetSocketAddress address) {
    client.addAddr(NodeAddr.of(server.id()).withIp(address), "test");
    return client.peer(server.id());
  }

  private void dial(Peer peer) {
    peer.dialStarted();
    peer.send(quic(SIZE), 0);
    peer.flush();
  }

  @Test
  void whatWasHeldBackFollowsAsSoonAsTheAddressHasAnswered() throws Exception {
    Peer peer = serverAt(serverAddress());
    CountDownLatch refused = new CountDownLatch(1);
    clientLoop.execute(
        () -> {
          dial(peer);
          // A first handshake keeps the loop from reading, and so from answering probes.
          awaitUninterruptibly(refused);
        });
    try {
      Await.until(
          "the answer to be refused", SOON, () -> server.metrics().get(Counter.SEND_UNPROVEN) > 0);
      assertThat(arrived).hasValue(0);
    } finally {
      refused.countDown();
    }
    Await.until("the whole answer", QUICK, () -> arrived.get() == 3);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatAHandshakeThatOvertookThePingSendsFollowsToo() throws Exception {
    try (DatagramSocket between = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread reordering = new Thread(() -> forwardPingsLate(between));
      reordering.start();
      Peer peer = serverAt((InetSocketAddress) between.getLocalSocketAddress());
      clientLoop.execute(() -> dial(peer));
      Await.until("the whole answer", QUICK, () -> arrived.get() == 3);
      between.close();
      reordering.join(1000);
    }
  }

  /** Between client and server: what is not QUIC waits until a QUIC datagram has passed. */
  private void forwardPingsLate(DatagramSocket between) {
    List<DatagramPacket> late = new ArrayList<>();
    boolean passed = false;
    try {
      for (; ; ) {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        between.receive(packet);
        boolean toServer = !packet.getSocketAddress().equals(serverAddress());
        packet.setSocketAddress(toServer ? serverAddress() : client.boundSockets().get(0));
        boolean quic = packet.getData()[0] == (byte) 0xc3;
        if (!passed && toServer && !quic) {
          late.add(packet);
          continue;
        }
        passed |= quic;
        between.send(packet);
        for (DatagramPacket ping : late) {
          between.send(ping);
        }
        late.clear();
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @Test
  void anAddressThatNeverAnswersGetsNoMoreThanItSent() throws Exception {
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      stranger.setSoTimeout(700);
      byte[] first = new byte[SIZE];
      first[0] = (byte) 0xc3;
      for (int i = 0; i < 20; i++) {
        stranger.send(new DatagramPacket(first, SIZE, serverAddress()));
      }
      DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
      int bytes = 0;
      try {
        for (; ; ) {
          stranger.receive(answer);
          bytes += answer.getLength();
        }
      } catch (SocketTimeoutException silent) {
        assertThat(bytes).isLessThanOrEqualTo(20 * SIZE);
      }
    }
  }

  @Test
  void whatIsHeldIsBounded() {
    long life = 500_000_000L;
    HeldBack<InetSocketAddress> held = new HeldBack<>(life);
    InetSocketAddress one = SocketAddrs.parse("127.0.0.1:1");
    ByteBuf[] flight = {quic(6000), quic(3000), quic(2000)};
    for (ByteBuf batch : flight) {
      held.add(one, batch, SIZE, 0);
    }
    assertThat(flight[1].refCnt()).as("beyond the limit of an address").isZero();
    int[] taken = {0};
    held.release(
        one,
        life,
        h -> {
          taken[0] += h.data().readableBytes();
          h.data().release();
        });
    assertThat(taken[0]).isEqualTo(8000);

    ByteBuf eldest = quic(1024);
    held.add(one, eldest, 0, 0);
    for (int port = 2; port <= 1025; port++) {
      held.add(SocketAddrs.parse("127.0.0.1:" + port), quic(1024), 0, 1);
    }
    assertThat(eldest.refCnt()).as("beyond the limit of all").isZero();
    held.expire(life + 2);
    held.release(SocketAddrs.parse("127.0.0.1:9"), life + 2, h -> taken[0] = -1);
    assertThat(taken[0]).as("nothing outlives half a second").isEqualTo(8000);
    ByteBuf last = quic(1);
    held.add(one, last, 0, 0);
    held.clear();
    assertThat(last.refCnt()).isZero();
  }
}
