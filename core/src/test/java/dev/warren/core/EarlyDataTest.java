package dev.warren.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.base.StreamException;
import dev.warren.core.EarlyConnection.Result;
import dev.warren.core.io.Sessions;
import dev.warren.testlab.Await;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** 0-RTT between real endpoints on loopback, and everything that can be wrong with it. */
class EarlyDataTest {
  private static final Alpn ALPN = Pair.ALPN;

  /** Everything that the application of a server got, whole messages and what ended otherwise. */
  private final List<String> delivered = new CopyOnWriteArrayList<>();

  private final List<NodeId> senders = new CopyOnWriteArrayList<>();
  private final List<byte[]> datagrams = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  private SecretKey serverKey;
  private Endpoint server;
  private Endpoint client;

  @BeforeEach
  void bind() throws Exception {
    serverKey = SecretKey.generate();
    server = server(serverKey, true, ALPN);
    client = keep(Pair.builder().earlyData(true).bind());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable c : open) {
      c.close();
    }
  }

  private <T extends AutoCloseable> T keep(T closeable) {
    open.add(0, closeable);
    return closeable;
  }

  private Endpoint server(SecretKey key, boolean early, Alpn... alpns) throws Exception {
    Endpoint endpoint = keep(Pair.builder().secretKey(key).earlyData(early).bind());
    Router.Builder router = Router.builder(endpoint);
    for (Alpn alpn : alpns) {
      router.accept(alpn, this::serve);
    }
    keep(router.spawn());
    return endpoint;
  }

  private void serve(Connection connection) throws Exception {
    senders.add(connection.remoteId());
    CompletableFuture.runAsync(() -> readDatagrams(connection));
    CompletableFuture.runAsync(() -> echo(connection));
    try (SendStream hello = connection.openUni()) {
      hello.write("hello".getBytes(UTF_8));
      hello.finish();
    }
    for (; ; ) {
      RecvStream stream = connection.acceptUni();
      try {
        delivered.add(new String(stream.readAll(1 << 22), UTF_8));
      } catch (StreamException reset) {
        assertThat(reset.kind()).isEqualTo(Kind.RESET);
      }
    }
  }

  private void echo(Connection connection) {
    try {
      for (; ; ) {
        BiStream stream = connection.acceptBi();
        try {
          byte[] message = stream.recv().readAll(1 << 22);
          delivered.add(new String(message, UTF_8));
          stream.send().write(message);
          stream.send().finish();
        } catch (StreamException reset) {
          stream.close();
        }
      }
    } catch (java.io.IOException ended) {
      // with the connection
    }
  }

  private void readDatagrams(Connection connection) {
    try {
      for (; ; ) {
        datagrams.add(connection.receiveDatagram());
      }
    } catch (java.io.IOException ended) {
      // with the connection
    }
  }

  /** An ordinary connection, until the ticket for the next has come. */
  private void fetchTicket(NodeAddr addr) throws Exception {
    int before = Sessions.kept(client);
    try (Connection connection = client.connect(addr, ALPN)) {
      connection.acceptUni().readAll(5);
      Await.until("a ticket", Pair.SOON, () -> kept() > before);
    }
  }

  private int kept() {
    try {
      return Sessions.kept(client);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private long inEarlyData() {
    try {
      return Sessions.inEarlyData(server);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private EarlyConnection dialEarly(NodeAddr addr) throws Exception {
    return client.connectEarly(addr, ALPN, ConnectOptions.DEFAULT);
  }

  private static void send(SendStream stream, String message) throws Exception {
    stream.write(message.getBytes(UTF_8));
    stream.finish();
  }

  /** The address of the first server, whoever is there now; answers wait for their release. */
  private NodeAddr behind(UdpProxy proxy) {
    proxy.hold();
    return NodeAddr.of(server.id()).withIp(proxy.address());
  }

  private void assertDelivered(String... messages) {
    Await.until("delivered", Pair.SOON, () -> delivered.size() >= messages.length);
    assertThat(delivered).containsExactlyInAnyOrder(messages);
  }

  // ---- accepted ----

  @Test
  void whatIsSentBeforeTheHandshakeEndsArrivesOnceAndFromAProvedPeer() throws Exception {
    fetchTicket(server.addr());
    try (EarlyConnection early = dialEarly(server.addr())) {
      assertThat(early.isEarly()).isTrue();
      BiStream echo = early.openBi();
      send(echo.send(), "bi");
      send(early.openUni(), "uni");
      Result result = early.handshake();
      assertThat(result).isInstanceOf(Result.Accepted.class);
      assertThat(result.connection().remoteId()).isEqualTo(server.id());
      assertThat(echo.recv().readAll(10)).isEqualTo("bi".getBytes(UTF_8));
      send(early.openUni(), "later");
      send(result.connection().openUni(), "last");
      assertDelivered("bi", "uni", "later", "last");
      assertThat(senders).containsOnly(client.id());
      assertThat(client.metrics().get("connections.early_data_accepted")).isOne();
    }
  }

  @Test
  void megabytesThatBeginEarlyArriveWhole() throws Exception {
    fetchTicket(server.addr());
    String megabytes = "0123456789abcdef".repeat(3 << 16);
    try (EarlyConnection early = dialEarly(server.addr())) {
      assertThat(early.isEarly()).isTrue();
      send(early.openUni(), megabytes);
      assertThat(early.handshake()).isInstanceOf(Result.Accepted.class);
      assertDelivered(megabytes);
    }
  }

  /** The codec counts a connection's stream credit wrongly if streams are opened early. */
  @Test
  void streamsBeyondThePeersLimitCanBeOpenedAfterEarlyOnes() throws Exception {
    fetchTicket(server.addr());
    try (EarlyConnection early = dialEarly(server.addr())) {
      assertThat(early.isEarly()).isTrue();
      List<String> sent = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        send(early.openUni(), "u" + i);
        BiStream echo = early.openBi();
        send(echo.send(), "b" + i);
        sent.addAll(List.of("u" + i, "b" + i));
      }
      assertDelivered(sent.toArray(String[]::new));
    }
  }

  @Test
  void datagramsCanBeSentEarly() throws Exception {
    fetchTicket(server.addr());
    try (EarlyConnection early = dialEarly(server.addr())) {
      assertThat(early.isEarly()).isTrue();
      assertThat(early.maxDatagramSize()).isPresent();
      early.sendDatagram(ByteBuffer.wrap("soon".getBytes(UTF_8)));
      assertThat(early.handshake()).isInstanceOf(Result.Accepted.class);
      Await.until("the datagram", Pair.SOON, () -> !datagrams.isEmpty());
      assertThat(datagrams).containsExactly("soon".getBytes(UTF_8));
    }
  }

  @Test
  void aTicketServesOnce() throws Exception {
    fetchTicket(server.addr());
    try (EarlyConnection first = dialEarly(server.addr())) {
      assertThat(first.isEarly()).isTrue();
      CompletableFuture<EarlyConnection> second =
          client.connectEarlyAsync(server.addr(), ALPN, ConnectOptions.DEFAULT);
      first.handshake();
      try (EarlyConnection other = second.get(10, TimeUnit.SECONDS)) {
        other.handshake();
      }
      // The second may have come with the ticket of the first, or without.
      assertThat(client.metrics().get("connections.early_data_refused")).isZero();
    }
  }

  @Test
  void aChangedListOfProtocolsKeepsTicketsGood() throws Exception {
    fetchTicket(server.addr());
    server.setAlpns(java.util.Set.of(Alpn.of("aaa/1"), ALPN));
    try (EarlyConnection early = dialEarly(server.addr())) {
      assertThat(early.isEarly()).isTrue();
      send(early.openUni(), "same protocol");
      assertThat(early.handshake()).isInstanceOf(Result.Accepted.class);
      assertDelivered("same protocol");
    }
  }

  // ---- not early ----

  @Test
  void withoutATicketItIsAnOrdinaryDial() throws Exception {
    try (EarlyConnection early = dialEarly(server.addr())) {
      assertThat(early.isEarly()).isFalse();
      send(early.openUni(), "ordinary");
      assertThat(early.handshake()).isInstanceOf(Result.Accepted.class);
      assertDelivered("ordinary");
    }
  }

  @Test
  void aServerThatAllowsNoEarlyDataGivesNoTicketForIt() throws Exception {
    Endpoint strict = server(SecretKey.generate(), false, ALPN);
    fetchTicket(strict.addr());
    try (EarlyConnection early = dialEarly(strict.addr())) {
      assertThat(early.isEarly()).isFalse();
      assertThat(early.handshake()).isInstanceOf(Result.Accepted.class);
      assertThat(Sessions.resumed(early.handshake().connection())).isTrue();
    }
  }

  @Test
  void anEndpointThatAllowsNoneSaysWhatToDo() throws Exception {
    Endpoint plain = keep(Pair.builder().bind());
    assertThatThrownBy(() -> plain.connectEarly(server.addr(), ALPN, ConnectOptions.DEFAULT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("earlyData(true)");
  }

  @Test
  void withoutResumptionNoSessionIsOffered() throws Exception {
    client = keep(Pair.builder().earlyData(true).resumption(false).bind());
    for (int i = 0; i < 3; i++) {
      try (EarlyConnection early = dialEarly(server.addr())) {
        assertThat(early.isEarly()).isFalse();
        Connection connection = early.handshake().connection();
        connection.acceptUni().readAll(5);
        assertThat(Sessions.resumed(connection)).isFalse();
      }
    }
    client = keep(Pair.builder().earlyData(true).bind());
    fetchTicket(server.addr());
    try (Connection connection = client.connect(server.addr(), ALPN)) {
      assertThat(Sessions.resumed(connection)).as("it is resumed where it is allowed").isTrue();
    }
  }

  // ---- rejected ----

  /** Streams of every kind: small and finished, large, two-way, with a writer that blocks. */
  private void assertRejected(UdpProxy proxy) throws Exception {
    try (EarlyConnection early = dialEarly(behind(proxy))) {
      assertThat(early.isEarly()).isTrue();
      List<SendStream> streams = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        SendStream stream = early.openUni();
        send(stream, "early " + i);
        streams.add(stream);
      }
      BiStream echo = early.openBi();
      streams.add(echo.send());
      send(echo.send(), "early echo");
      SendStream large = early.openUni();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  large.write("early large ".repeat(500_000).getBytes(UTF_8));
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      proxy.release();
      Result result = early.handshake();
      assertThat(result).isInstanceOf(Result.Rejected.class);
      for (SendStream stream : streams) {
        assertThat(stream.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
        assertNotTaken(() -> stream.write(new byte[1]));
      }
      assertNotTaken(() -> echo.recv().read(new byte[1]));
      assertThatThrownBy(() -> writer.get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(StreamException.class);
      assertNotTaken(early::openUni);
      Connection connection = result.connection();
      assertThat(connection.remoteId()).isEqualTo(server.id());
      for (int i = 0; i < 120; i++) {
        send(connection.openUni(), "again " + i);
      }
      BiStream again = connection.openBi();
      send(again.send(), "again echo");
      assertThat(again.recv().readAll(20)).isEqualTo("again echo".getBytes(UTF_8));
      Await.until("what was sent again", Pair.SOON, () -> delivered.size() >= 121);
      assertThat(delivered).hasSize(121).allMatch(m -> m.startsWith("again "));
      assertThat(client.metrics().get("connections.early_data_refused")).isOne();
      assertThat(client.metrics().get("quic.streams_not_reaped")).isZero();
    }
  }

  private static void assertNotTaken(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
        .hasMessageContaining("send it again");
  }

  @Test
  void aRestartedServerRejectsEarlyDataAndItsApplicationSeesNoneOfIt() throws Exception {
    fetchTicket(server.addr());
    server.close();
    Endpoint restarted = server(serverKey, true, ALPN);
    try (UdpProxy proxy = new UdpProxy(restarted.boundSockets().get(0))) {
      assertRejected(proxy);
    }
  }

  /**
   * Resumed all the same: the handshake ends in the very call that sends, with no event between.
   */
  @Test
  void aServerThatAllowsNoEarlyDataAnyMoreRejectsItAndResumes() throws Exception {
    try (UdpProxy proxy = new UdpProxy(server.boundSockets().get(0))) {
      fetchTicket(NodeAddr.of(server.id()).withIp(proxy.address()));
      Sessions.forbidEarlyData(server);
      server.setAlpns(java.util.Set.of(ALPN));
      assertRejected(proxy);
    }
  }

  @Test
  void aProtocolThatIsGoneFailsTheHandshakeAndTheStreams() throws Exception {
    fetchTicket(server.addr());
    server.setAlpns(java.util.Set.of(Alpn.of("other/1")));
    assertHandshakeFails(server, Kind.ALPN);
  }

  @Test
  void anotherNodeAtTheAddressGetsNothingAndIsAnIdentityError() throws Exception {
    fetchTicket(server.addr());
    server.close();
    Endpoint other = server(SecretKey.generate(), true, ALPN);
    assertHandshakeFails(other, Kind.IDENTITY);
  }

  @Test
  void aDeadServerIsUnreachableWithinTheTimeout() throws Exception {
    fetchTicket(server.addr());
    server.close();
    try (UdpProxy proxy = new UdpProxy(server.boundSockets().get(0))) {
      ConnectOptions quick = ConnectOptions.DEFAULT.withTimeout(Duration.ofMillis(700));
      EarlyConnection early = client.connectEarly(behind(proxy), ALPN, quick);
      assertHandshakeFails(early, proxy, Kind.UNREACHABLE);
    }
  }

  private void assertHandshakeFails(Endpoint by, Kind kind) throws Exception {
    try (UdpProxy proxy = new UdpProxy(by.boundSockets().get(0))) {
      assertHandshakeFails(dialEarly(behind(proxy)), proxy, kind);
    }
  }

  private void assertHandshakeFails(EarlyConnection early, UdpProxy proxy, Kind kind)
      throws Exception {
    assertThat(early.isEarly()).isTrue();
    BiStream echo = early.openBi();
    send(echo.send(), "early");
    proxy.release();
    assertThatThrownBy(early::handshake)
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    assertThatThrownBy(() -> early.handshakeAsync().get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeerException.class);
    early.close();
    assertThatThrownBy(() -> echo.recv().read(new byte[1])).isInstanceOf(PeerException.class);
    assertThat(echo.send().ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
    assertThatThrownBy(early::openUni).isInstanceOf(PeerException.class);
    assertThat(delivered).isEmpty();
  }

  @Test
  void aHooksVetoEndsTheConnectionWhenTheHandshakeHas() throws Exception {
    fetchTicket(server.addr());
    boolean[] veto = {false};
    client =
        keep(
            Pair.builder()
                .earlyData(true)
                .hooks(
                    new EndpointHooks() {
                      @Override
                      public Verdict afterHandshake(ConnectionInfo connection) {
                        return veto[0] ? Verdict.reject(9, "not today") : Verdict.accept();
                      }
                    })
                .bind());
    fetchTicket(server.addr());
    veto[0] = true;
    EarlyConnection early = dialEarly(server.addr());
    assertThat(early.isEarly()).isTrue();
    assertThatThrownBy(early::handshake).hasMessageContaining("not today");
    assertThatThrownBy(early::openUni).isInstanceOf(PeerException.class);
  }

  @Test
  void closingAnEarlyConnectionGivesUpTheDial() throws Exception {
    try (UdpProxy proxy = new UdpProxy(server.boundSockets().get(0))) {
      NodeAddr addr = NodeAddr.of(server.id()).withIp(proxy.address());
      fetchTicket(addr);
      proxy.deaf();
      EarlyConnection early = dialEarly(addr);
      SendStream stream = early.openUni();
      stream.write(new byte[10]);
      early.close();
      assertThatThrownBy(early::handshake).isInstanceOf(PeerException.class);
      assertThat(stream.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
    }
  }

  // ---- replayed ----

  /** Whoever recorded a first flight can send it again, but cannot finish its handshake. */
  @Test
  void aReplayedFirstFlightReachesNoApplication() throws Exception {
    try (UdpProxy proxy = new UdpProxy(server.boundSockets().get(0))) {
      NodeAddr addr = NodeAddr.of(server.id()).withIp(proxy.address());
      fetchTicket(addr);
      proxy.takeRecorded();
      try (EarlyConnection early = dialEarly(addr)) {
        assertThat(early.isEarly()).isTrue();
        send(early.openUni(), "pay once");
        early.sendDatagram(ByteBuffer.wrap("once".getBytes(UTF_8)));
        early.handshake();
        assertDelivered("pay once");
      }
      List<byte[]> recorded = proxy.takeRecorded();
      Await.until(
          "the server closed it",
          Pair.SOON,
          () ->
              server.metrics().get("connections.closed")
                  == server.metrics().get("connections.opened"));
      int connections = senders.size();
      for (int i = 0; i < 5; i++) {
        proxy.replay(recorded);
      }
      Await.until(
          "TLS at the server accepts the replay as early data", Pair.SOON, () -> inEarlyData() > 0);
      try (Connection connection = client.connect(addr, ALPN)) {
        // A round trip through everything that could have delivered it.
        connection.acceptUni().readAll(5);
      }
      assertThat(delivered).containsExactly("pay once");
      assertThat(datagrams).hasSizeLessThanOrEqualTo(1);
      assertThat(senders).hasSize(connections + 1);
    }
  }
}
