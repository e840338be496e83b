package dev.warren.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.NodeAddr;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.StreamException;
import dev.warren.testlab.Await;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two endpoints on loopback, real sockets, real QUIC. */
class LoopbackTest {
  private static final Alpn ECHO = Alpn.of("echo/1");
  private static final Duration SOON = Duration.ofSeconds(10);

  private Endpoint server;
  private Endpoint client;
  private Router router;

  @BeforeEach
  void bind() throws Exception {
    server = builder().bind();
    client = builder().bind();
    router = Router.builder(server).accept(ECHO, LoopbackTest::echo).spawn();
  }

  @AfterEach
  void close() {
    router.close();
    client.close();
    server.close();
  }

  private static EndpointBuilder builder() {
    return Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0"));
  }

  private static void echo(Connection connection) throws Exception {
    for (; ; ) {
      BiStream stream = connection.acceptBi();
      CompletableFuture.runAsync(
          () -> {
            try (stream) {
              byte[] chunk = new byte[64 * 1024];
              for (int n = stream.recv().read(chunk); n >= 0; n = stream.recv().read(chunk)) {
                stream.send().write(chunk, 0, n);
              }
              stream.send().finish();
            } catch (Exception ended) {
              stream.close();
            }
          });
    }
  }

  private Connection connect() throws Exception {
    return client.connect(server.addr(), ECHO);
  }

  @Test
  void aDialledKeyEchoes() throws Exception {
    try (Connection connection = connect()) {
      BiStream stream = connection.openBi();
      stream.send().write("hello".getBytes(UTF_8));
      stream.send().finish();
      assertThat(new String(stream.recv().readAll(100), UTF_8)).isEqualTo("hello");
      assertThat(connection.remoteId()).isEqualTo(server.id());
      assertThat(connection.alpn()).isEqualTo(ECHO);
      Await.until("a direct path", SOON, () -> connection.path().isDirect());
    }
  }

  @Test
  void megabytesArriveWhole() throws Exception {
    byte[] data = new byte[20 * 1024 * 1024 + 17];
    new Random(7).nextBytes(data);
    try (Connection connection = connect()) {
      BiStream stream = connection.openBi();
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  stream.send().write(data);
                  stream.send().finish();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(stream.recv().readAll(data.length)).isEqualTo(data);
      writing.get();
    }
  }

  @Test
  void aThousandStreamsThatWriteAndFinishAtOnceAreNotTruncated() throws Exception {
    try (Connection connection = connect()) {
      List<BiStream> open = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        BiStream stream = connection.openBi();
        stream.send().write(ByteBuffer.allocate(3000).putInt(0, i));
        stream.send().finish();
        open.add(stream);
        if (open.size() == 50) {
          check(open, i - 49);
        }
      }
    }
  }

  private static void check(List<BiStream> open, int first) throws Exception {
    int i = first;
    for (BiStream stream : open) {
      byte[] back = stream.recv().readAll(4000);
      assertThat(back).hasSize(3000);
      assertThat(ByteBuffer.wrap(back).getInt()).isEqualTo(i++);
    }
    open.clear();
  }

  @Test
  void anotherKeyAtTheAddressIsAnIdentityError() throws Exception {
    NodeAddr wrong = NodeAddr.of(SecretKey.generate().nodeId()).withIps(server.addr().direct());
    assertThatThrownBy(() -> client.connect(wrong, ECHO))
        .isInstanceOfSatisfying(
            PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IDENTITY))
        .hasMessageContaining(wrong.id().toShortString())
        .hasMessageContaining(server.id().toShortString());
  }

  @Test
  void anUnknownProtocolIsAnAlpnErrorAtOnce() {
    long start = System.nanoTime();
    assertThatThrownBy(() -> client.connect(server.addr(), Alpn.of("other/1")))
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.ALPN))
        .hasMessageContaining("other/1");
    client.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("QUIC drains for three seconds after a refusal; neither dial nor close waits for it")
        .isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void nobodyThereIsUnreachableAndNamesThePaths() {
    NodeAddr nobody =
        NodeAddr.of(SecretKey.generate().nodeId()).withIp(SocketAddrs.parse("127.0.0.1:9"));
    ConnectOptions quick = ConnectOptions.DEFAULT.withTimeout(Duration.ofMillis(700));
    assertThatThrownBy(() -> client.connect(nobody, ECHO, quick))
        .isInstanceOfSatisfying(
            PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
        .hasMessageMatching(
            ".*direct 127.0.0.1:9 \\(no answer, \\d+ bytes sent in [67]\\d\\d ms, 0 .*");
  }

  @Test
  void aBareIdWithoutAnyWayFailsAtOnceAndSaysWhatToConfigure() {
    assertThatThrownBy(() -> client.connect(SecretKey.generate().nodeId(), ECHO))
        .isInstanceOfSatisfying(
            PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS))
        .hasMessageContaining("relay");
  }

  @Test
  void codesAndReasonsOfACloseArrive() throws Exception {
    Connection connection = connect();
    connection.close(42, "enough");
    assertThat(connection.closed().get()).isEqualTo(new CloseReason.ByUs(42, "enough"));
    assertThatThrownBy(connection::openBi).isInstanceOf(PeerException.class);
  }

  @Test
  void aResetReachesTheReaderWithItsCode() throws Exception {
    AtomicInteger code = new AtomicInteger();
    Alpn alpn = Alpn.of("reset/1");
    CompletableFuture<Void> seen = new CompletableFuture<>();
    CompletableFuture<Void> accepted = new CompletableFuture<>();
    router.close();
    try (Router other =
            Router.builder(server)
                .accept(
                    alpn,
                    c -> {
                      try {
                        RecvStream in = c.acceptUni();
                        accepted.complete(null);
                        in.readAll(1 << 20);
                      } catch (StreamException e) {
                        code.set((int) e.code().orElse(-1));
                        seen.complete(null);
                      }
                    })
                .spawn();
        Connection connection = client.connect(server.addr(), alpn)) {
      SendStream stream = connection.openUni();
      stream.write(new byte[10]);
      // Before anyone has accepted it, a reset stream is nobody's business and is forgotten.
      accepted.get(10, TimeUnit.SECONDS);
      stream.reset(7);
      seen.get(10, TimeUnit.SECONDS);
      assertThat(code.get()).isEqualTo(7);
    }
  }

  @Test
  void datagramsCross() throws Exception {
    Alpn alpn = Alpn.of("dgram/1");
    router.close();
    try (Router other =
            Router.builder(server)
                .accept(
                    alpn,
                    c -> {
                      for (; ; ) {
                        c.sendDatagram(ByteBuffer.wrap(c.receiveDatagram()));
                      }
                    })
                .spawn();
        Connection connection = client.connect(server.addr(), alpn)) {
      // One that overtakes the end of the handshake may be lost, as any datagram: ask again.
      CompletableFuture<byte[]> answer = connection.receiveDatagramAsync();
      for (int i = 0; i < 50 && !answer.isDone(); i++) {
        connection.sendDatagram(ByteBuffer.wrap("ping".getBytes(UTF_8)));
        try {
          answer.get(100, TimeUnit.MILLISECONDS);
        } catch (TimeoutException again) {
          continue;
        }
      }
      assertThat(new String(answer.get(1, TimeUnit.SECONDS), UTF_8)).isEqualTo("ping");
    }
  }

  @Test
  void closingIsBoundedAndIdempotent() throws Exception {
    connect();
    long start = System.nanoTime();
    client.close();
    client.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    assertThat(client.isClosed()).isTrue();
    assertThatThrownBy(this::connect)
        .isInstanceOfSatisfying(
            PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED));
  }
}
