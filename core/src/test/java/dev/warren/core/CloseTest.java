package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An endpoint can be closed at any moment, from anywhere, and leaves nothing behind. */
class CloseTest {
  /** The promise is 3 s; the rest is for a machine that is busy. */
  private static final Duration BOUND = Duration.ofSeconds(6);

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private long sockets;

  /** The JDK and Netty open sockets of their own once, which stay: not on our account. */
  @BeforeAll
  static void useEachKindOfSocketOnce() throws Exception {
    try (Pair pair = Pair.bind()) {
      pair.link();
    }
  }

  @BeforeEach
  void count() {
    Await.until("other endpoints have gone", Pair.SOON, () -> threads() == 0);
    sockets = sockets();
  }

  @AfterEach
  void nothingStays() {
    Await.until("threads have gone", Pair.SOON, () -> threads() == 0);
    Await.until("sockets have gone", Pair.SOON, () -> sockets() <= sockets);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("warren-"))
        .count();
  }

  private static long sockets() {
    try (Stream<Path> files = Files.list(OPEN_FILES)) {
      return files.filter(CloseTest::isSocket).count();
    } catch (java.io.IOException notOnThisSystem) {
      return 0;
    }
  }

  private static boolean isSocket(Path file) {
    try {
      return Files.readSymbolicLink(file).toString().startsWith("socket:");
    } catch (java.io.IOException closedMeanwhile) {
      return false;
    }
  }

  private static void closeBounded(Endpoint endpoint) {
    long start = System.nanoTime();
    endpoint.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
    assertThat(endpoint.isClosed()).isTrue();
    Await.until("closed() completes", Pair.SOON, () -> endpoint.closed().isDone());
  }

  private static void assertFailsAsClosed(CompletableFuture<?> future) {
    assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED));
  }

  private interface Blocking {
    Object run() throws Exception;
  }

  private static CompletableFuture<Object> async(Blocking task) {
    CompletableFuture<Object> result = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                result.complete(task.run());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            })
        .start();
    return result;
  }

  @Test
  void duringConnect() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      sockets = sockets();
      Endpoint client = Pair.builder().bind();
      NodeAddr nobody =
          NodeAddr.of(SecretKey.generate().nodeId())
              .withIp((InetSocketAddress) silent.getLocalSocketAddress());
      CompletableFuture<Object> blocked = async(() -> client.connect(nobody, Pair.ALPN));
      CompletableFuture<Connection> pending =
          client.connectAsync(nobody, Pair.ALPN, ConnectOptions.DEFAULT);
      Await.until("dialling", Pair.SOON, () -> client.metrics().get("socket.send_udp") > 0);
      closeBounded(client);
      assertFailsAsClosed(blocked);
      assertFailsAsClosed(pending);
    }
  }

  @Test
  void duringAcceptReadAndWrite() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      CompletableFuture<Object> accept = async(() -> pair.server.accept().isPresent());
      SendStream out = link.acceptor().openUni();
      CompletableFuture<Object> write =
          async(
              () -> {
                out.write(new byte[64 * 1024 * 1024]);
                return null;
              });
      RecvStream in = link.dialler().acceptUni();
      assertThat(in.read(new byte[1])).isEqualTo(1);
      List<CompletableFuture<?>> waiting =
          List.of(
              write,
              async(link.acceptor()::acceptBi),
              link.acceptor().acceptUniAsync(),
              link.acceptor().receiveDatagramAsync());
      closeBounded(pair.server);
      waiting.forEach(CloseTest::assertFailsAsClosed);
      assertThat(accept.get(10, TimeUnit.SECONDS)).isEqualTo(false);
      // Whoever asks later is told too, though the endpoint's threads have gone.
      assertFailsAsClosed(link.acceptor().acceptBiAsync());
      assertFailsAsClosed(link.acceptor().openBiAsync());
      assertThat(link.acceptor().closed().get(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(link.dialler().awaitPeerClose(Pair.SOON)).isPresent();
    }
  }

  @Test
  void fromAHandler() throws Exception {
    try (Pair pair = Pair.bind()) {
      CompletableFuture<Boolean> returned = new CompletableFuture<>();
      try (Router router =
          Router.builder(pair.server)
              .accept(
                  Pair.ALPN,
                  c -> {
                    closeBounded(pair.server);
                    returned.complete(true);
                  })
              .spawn()) {
        Connection connection = pair.dial();
        assertThat(returned.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(connection.awaitPeerClose(Pair.SOON)).isPresent();
      }
    }
  }

  /** On an event loop close() cannot wait for itself: it only starts. */
  @Test
  void onAnEventLoop() throws Exception {
    Pair pair = Pair.bind();
    Pair.Link link = pair.link();
    CompletableFuture<Object> blocking = new CompletableFuture<>();
    link.dialler()
        .quic()
        .channel()
        .eventLoop()
        .execute(
            () -> {
              try {
                blocking.complete(link.dialler().openBi());
              } catch (Throwable e) {
                blocking.completeExceptionally(e);
              }
              pair.client.close();
            });
    assertThatThrownBy(() -> blocking.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IllegalStateException.class);
    pair.client.closed().get(10, TimeUnit.SECONDS);
    closeBounded(pair.server);
  }

  @Test
  void twiceAndFromTwoThreadsAtOnce() throws Exception {
    Pair pair = Pair.bind();
    pair.link();
    CompletableFuture<Void> one = CompletableFuture.runAsync(() -> closeBounded(pair.client));
    CompletableFuture<Void> two = CompletableFuture.runAsync(() -> closeBounded(pair.client));
    one.get(10, TimeUnit.SECONDS);
    two.get(10, TimeUnit.SECONDS);
    closeBounded(pair.client);
    Thread.currentThread().interrupt();
    pair.server.close();
    assertThat(Thread.interrupted()).isTrue();
    closeBounded(pair.server);
  }

  /** What unread streams and datagrams held goes back; the leak detector sees the single ones. */
  @Test
  void manyEndpointsLeaveMemoryFlat() throws Exception {
    long first = 0;
    for (int i = 0; i < 12; i++) {
      try (Pair pair = Pair.bind()) {
        Pair.Link link = pair.link();
        SendStream out = link.dialler().openUni();
        out.write(new byte[200_000]);
        RecvStream unread = link.acceptor().acceptUni();
        assertThat(unread.read(new byte[1])).isEqualTo(1);
      }
      if (i == 3) {
        first = direct();
      }
    }
    assertThat(direct() - first).isLessThan(16L * 1024 * 1024);
  }

  private static long direct() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }
}
