package dev.warren.relay.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.logic.Backoff;
import dev.warren.relay.client.logic.Redial;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dialling, without a relay; with one, see the tests of the server. */
class RelayClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private RelayClient client;

  private RelayClientBuilder to(int port) throws Exception {
    RelayUrl url = RelayUrl.parse("http://relay.test:" + port + "/");
    return RelayClient.builder(url, SecretKey.generate(), group.next());
  }

  @AfterEach
  void close() throws Exception {
    if (client != null) {
      client.close();
      client.closed().get(5, TimeUnit.SECONDS);
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whicheverAddressOfAHostAnswersIsFoundInOneDial(int alive) throws Exception {
    InetAddress[] addresses = new InetAddress[3];
    for (int i = 0; i < 3; i++) {
      addresses[i] = InetAddress.getByName("127.0.0." + (i + 1));
    }
    try (ServerSocket relay = new ServerSocket(0, 8, addresses[alive])) {
      relay.setSoTimeout((int) SOON.toMillis());
      AtomicInteger dials = new AtomicInteger();
      RelayClientBuilder builder = to(relay.getLocalPort());
      builder.lookup =
          host -> {
            dials.incrementAndGet();
            return addresses;
          };
      client = builder.start();

      relay.accept().close();

      assertThat(dials.get()).isEqualTo(1);
    }
  }

  @Test
  void anAddressThatLeadsToNoRelayIsNotTheFirstForEver() throws Exception {
    InetAddress bad = InetAddress.getByName("127.0.0.1");
    InetAddress good = InetAddress.getByName("127.0.0.2");
    try (ServerSocket wrong = new ServerSocket(0, 8, bad);
        ServerSocket relay = new ServerSocket(wrong.getLocalPort(), 8, good)) {
      relay.setSoTimeout((int) SOON.toMillis());
      wrong.setSoTimeout((int) SOON.toMillis());
      RelayClientBuilder builder = to(relay.getLocalPort());
      builder.lookup = host -> new InetAddress[] {bad, good};
      client = builder.start();

      wrong.accept().close();
      relay.accept().close();
    }
  }

  /** A listener whose queue is full answers no SYN on Linux, like a host behind a firewall. */
  @Test
  void anAddressThatDoesNotAnswerDelaysTheOthersByAQuarterOfASecondOnly() throws Exception {
    InetAddress dead = InetAddress.getByName("127.0.0.1");
    InetAddress alive = InetAddress.getByName("127.0.0.2");
    List<Socket> fillers = new ArrayList<>();
    try (ServerSocket mute = new ServerSocket(0, 1, dead);
        ServerSocket relay = new ServerSocket(mute.getLocalPort(), 8, alive)) {
      relay.setSoTimeout((int) SOON.toMillis());
      boolean full = fill(mute, fillers);
      Assumptions.assumeTrue(full, "the kernel takes connections beyond the queue's length");
      RelayClientBuilder builder = to(relay.getLocalPort());
      builder.lookup = host -> new InetAddress[] {dead, alive};
      long start = System.nanoTime();
      client = builder.start();

      relay.accept().close();

      // Not at once, and long before the dead one is given up.
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(240), Duration.ofMillis(1400));
    } finally {
      for (Socket filler : fillers) {
        filler.close();
      }
    }
  }

  private static boolean fill(ServerSocket mute, List<Socket> fillers) throws IOException {
    for (int i = 0; i < 20; i++) {
      Socket filler = new Socket();
      fillers.add(filler);
      try {
        filler.connect(mute.getLocalSocketAddress(), 300);
      } catch (SocketTimeoutException noAnswer) {
        return true;
      }
    }
    return false;
  }

  @Test
  void aFailedDialNamesWhatWasTried() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    RelayClientBuilder builder = to(port);
    builder.lookup =
        host ->
            new InetAddress[] {
              InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.2")
            };
    client = builder.start();

    Await.until(
        "the status",
        SOON,
        () ->
            client.status().get() instanceof RelayStatus.Reconnecting r
                && r.kind() == RelayFailure.CONNECT
                && r.cause().contains("127.0.0.1:" + port + " (refused)")
                && r.cause().contains("127.0.0.2:" + port + " (refused)")
                && r.cause().contains("http://relay.test:" + port));
  }

  @Test
  void aLookUpThatTheExecutorRejectsIsTriedAgain() throws Exception {
    AtomicInteger dials = new AtomicInteger();
    AtomicInteger rejections = new AtomicInteger();
    RelayClientBuilder builder =
        to(1)
            .callbacks(
                task -> {
                  if (rejections.incrementAndGet() <= 3) {
                    throw new RejectedExecutionException("busy");
                  }
                  task.run();
                });
    builder.lookup =
        host -> {
          dials.incrementAndGet();
          throw new UnknownHostException(host);
        };
    client = builder.start();

    Await.until("a look-up", SOON, () -> dials.get() > 0);

    assertThat(client.status().get()).isInstanceOf(RelayStatus.Reconnecting.class);
  }

  @Test
  void aClientWhoseExecutorIsGoneSaysWhyAndEndsWhenItIsClosed() throws Exception {
    List<RelayStatus> told = new CopyOnWriteArrayList<>();
    client =
        to(1)
            .listener(
                new RelayListener() {
                  @Override
                  public void onDatagrams(NodeId source, ByteBuf data, int segmentSize) {
                    data.release();
                  }

                  @Override
                  public void onStatus(RelayStatus now) {
                    told.add(now);
                  }
                })
            .callbacks(
                task -> {
                  throw new RejectedExecutionException("gone");
                })
            .start();

    Await.until(
        "the status",
        SOON,
        () ->
            client.status().get() instanceof RelayStatus.Reconnecting r
                && r.cause().contains("executor takes no look-up of relay.test"));
    Await.until("the listener, which needs no executor, to know", SOON, () -> !told.isEmpty());

    client.close();
    client.closed().get(5, TimeUnit.SECONDS);
  }

  /** Each dial has ten seconds; some name servers need longer, and suppliers may block for ever. */
  @Test
  void aLookUpThatTakesLongerThanADialBlocksOneThreadAndItsAnswerIsUsed() throws Exception {
    InetAddress here = InetAddress.getByName("127.0.0.1");
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger lookUps = new AtomicInteger();
    try (ServerSocket relay = new ServerSocket(0, 8, here)) {
      relay.setSoTimeout((int) SOON.toMillis());
      RelayClientBuilder builder =
          to(relay.getLocalPort()).callbacks(task -> new Thread(task).start());
      builder.lookup =
          host -> {
            lookUps.incrementAndGet();
            try {
              answer.await();
            } catch (InterruptedException e) {
              throw new UnknownHostException(host);
            }
            return new InetAddress[] {here};
          };
      client = builder.start();
      Await.until(
          "the first dial to be given up",
          Duration.ofSeconds(20),
          () ->
              client.status().get() instanceof RelayStatus.Reconnecting r
                  && r.cause().contains("looking up relay.test"));
      // The next one follows within 100 ms, and waits too.
      client.retryNow();
      answer.countDown();
      try (Socket dialled = relay.accept()) {
        assertThat(lookUps.get()).isEqualTo(1);
      }
    }
  }

  @Test
  void aTokenSupplierThatThrowsAnythingIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    client =
        to(1)
            .token(
                () -> {
                  asked.incrementAndGet();
                  throw new StackOverflowError("in a test");
                })
            .start();
    Await.until("another try", SOON, () -> asked.get() > 2);
    Await.until(
        "the reason",
        SOON,
        () ->
            client.status().get() instanceof RelayStatus.Reconnecting r
                && r.kind() == RelayFailure.TOKEN
                && r.cause().contains("in a test"));
  }

  @Test
  void aNetworkChangeDialsAtOnceWhatWouldHaveWaited() throws Exception {
    // The first wait lasts ten minutes.
    RandomGenerator slow =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            return 0;
          }

          @Override
          public double nextDouble() {
            return 60_000;
          }
        };
    AtomicInteger dials = new AtomicInteger();
    RelayClientBuilder builder = to(1);
    builder.redial = new Redial(new Backoff(slow));
    builder.lookup =
        host -> {
          dials.incrementAndGet();
          throw new UnknownHostException(host);
        };
    client = builder.start();
    Await.until(
        "the first failure", SOON, () -> client.status().get() instanceof RelayStatus.Reconnecting);
    for (int i = 1; i <= 3; i++) {
      int before = dials.get();
      // A change in mid-dial has nothing to end: hence more than one.
      Await.until(
          "another dial",
          SOON,
          () -> {
            client.networkChanged();
            return dials.get() > before;
          });
    }
    Await.until(
        "a failure that counts as the first",
        SOON,
        () ->
            client.status().get() instanceof RelayStatus.Reconnecting waiting
                && waiting.attempt() == 1);
  }
}
