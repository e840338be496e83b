package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.MemoryDiscovery;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Endpoints on loopback that know only each other's id, and services that tell the rest. */
@Tag("trouble")
class DiscoveryDialTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final ConnectOptions SHORT =
      ConnectOptions.DEFAULT.withTimeout(Duration.ofMillis(1500));

  /** QUIC repeats its first flight after a second: what is faster did not wait for that. */
  private static final Duration BEFORE_QUIC_REPEATS = Duration.ofMillis(900);

  private final NodeId nobody = SecretKey.generate().nodeId();

  private static Connection dial(Endpoint client, Endpoint server) throws Exception {
    return client.connect(server.id(), Pair.ALPN);
  }

  /** How long the fastest of three dials takes: the machine may be busy. */
  private static Duration fastest(Dial dial) throws Exception {
    Duration best = Duration.ofDays(1);
    for (int i = 0; i < 3 && best.compareTo(BEFORE_QUIC_REPEATS) > 0; i++) {
      Duration took = dial.run();
      best = took.compareTo(best) < 0 ? took : best;
    }
    return best;
  }

  private interface Dial {
    Duration run() throws Exception;
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  private static List<String> provenances(Endpoint endpoint, NodeId peer) {
    List<String> all = new ArrayList<>();
    endpoint
        .remoteInfo(peer)
        .orElseThrow()
        .addrs()
        .forEach(a -> a.sources().forEach(s -> all.add(s.provenance())));
    return all;
  }

  // ---- found ----

  @Test
  void anIdIsEnoughWhereAServiceKnowsTheRest() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(memory))) {
      memory.set(pair.server.addr());
      try (Connection connection = dial(pair.client, pair.server)) {
        assertThat(connection.remoteId()).isEqualTo(pair.server.id());
        RemoteInfo info = pair.client.remoteInfo(pair.server.id()).orElseThrow();
        assertThat(info.addrs().get(0).sources())
            .extracting(RemoteInfo.Source::provenance)
            .contains("memory");
        Await.until(
            "the path in use",
            Pair.SOON,
            () ->
                pair.client.remoteInfo(pair.server.id()).orElseThrow().addrs().get(0).state()
                    == RemoteInfo.State.IN_USE);
        assertThat(pair.client.remotes()).extracting(RemoteInfo::id).contains(pair.server.id());
      }
    }
  }

  @Test
  void theFirstAnswerIsUsedThoughAnotherServiceNeverEnds() throws Exception {
    StubDiscovery endless = new StubDiscovery("endless");
    StubDiscovery quick = new StubDiscovery("quick");
    try (Pair pair =
        Pair.bind(Pair.builder(), Pair.builder().discovery(endless).discovery(quick))) {
      quick.knowing(pair.server.addr());
      dial(pair.client, pair.server).close();
      assertThat(endless.asked).hasSize(1);
    }
  }

  @Test
  void oneThatFailsOrThrowsDoesNotFailTheDial() throws Exception {
    StubDiscovery failing = new StubDiscovery("failing").failing("server on fire");
    StubDiscovery throwing =
        new StubDiscovery("throwing")
            .answering(
                (id, sink) -> {
                  throw new IllegalStateException("broken");
                });
    StubDiscovery late = new StubDiscovery("late");
    try (Pair pair =
        Pair.bind(
            Pair.builder(),
            Pair.builder().discovery(failing).discovery(throwing).discovery(late))) {
      CompletableFuture<Connection> dial =
          pair.client.connectAsync(
              NodeAddr.of(pair.server.id()), Pair.ALPN, ConnectOptions.DEFAULT);
      Await.until("the question", Pair.SOON, () -> !late.asked.isEmpty());
      assertThat(dial).isNotDone();
      late.asked.get(0).found(late.item(pair.server.addr()));
      dial.get(10, TimeUnit.SECONDS).close();
    }
  }

  @Test
  void whatIsFoundAfterTheConnectionIsThereIsRememberedToo() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    StubDiscovery late = new StubDiscovery("late");
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(memory).discovery(late))) {
      memory.set(pair.server.addr());
      try (Connection connection = dial(pair.client, pair.server)) {
        NodeAddr other = NodeAddr.of(pair.server.id()).withIp(SocketAddrs.parse("127.0.0.1:9"));
        late.asked.get(0).found(late.item(other));
        Await.until(
            "the late address",
            Pair.SOON,
            () -> provenances(pair.client, pair.server.id()).contains("late"));
        assertThat(connection.path().remote()).isNotEqualTo(other.addrs().get(0));
      }
    }
  }

  @Test
  void dialsAtTheSameTimeShareOneLookup() throws Exception {
    StubDiscovery service = new StubDiscovery("service");
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(service))) {
      List<CompletableFuture<Connection>> dials = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        dials.add(
            pair.client.connectAsync(
                NodeAddr.of(pair.server.id()), Pair.ALPN, ConnectOptions.DEFAULT));
      }
      Await.until("the question", Pair.SOON, () -> !service.asked.isEmpty());
      service.asked.get(0).found(service.item(pair.server.addr()));
      for (CompletableFuture<Connection> dial : dials) {
        dial.get(10, TimeUnit.SECONDS);
      }
      assertThat(service.asked).hasSize(1);
    }
  }

  @Test
  void aPeerThatIsReachedIsNotLookedUpAgain() throws Exception {
    StubDiscovery service = new StubDiscovery("service");
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(service))) {
      service.knowing(pair.server.addr());
      try (Connection first = dial(pair.client, pair.server)) {
        Await.until("a confirmed path", Pair.SOON, () -> first.path().confirmed());
        dial(pair.client, pair.server);
        assertThat(service.asked).hasSize(1);
      }
    }
  }

  // ---- moved ----

  @Test
  void aPeerThatHasMovedIsFoundWhereItIsNow() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    SecretKey key = SecretKey.generate();
    try (Endpoint client = Pair.builder().discovery(memory).bind()) {
      NodeAddr old;
      try (Endpoint before = Pair.builder().secretKey(key).bind()) {
        old = before.addr();
        memory.set(old);
        dial(client, before).close();
      }
      try (Endpoint now = Pair.builder().secretKey(key).bind()) {
        memory.set(now.addr());
        try (Connection connection = client.connect(old, Pair.ALPN)) {
          assertThat(connection.path().remote())
              .hasToString(SocketAddrs.toString(now.boundSockets().get(0)));
        }
      }
    }
  }

  @Test
  void anAddressFoundDuringTheDialGetsTheFirstFlightAtOnce() throws Exception {
    StubDiscovery late = new StubDiscovery("late");
    assertThat(
            fastest(
                () -> {
                  try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(late))) {
                    late.answering(
                        (id, sink) ->
                            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                                .execute(() -> sink.found(late.item(pair.server.addr()))));
                    NodeAddr stale =
                        NodeAddr.of(pair.server.id()).withIp(SocketAddrs.parse("127.0.0.1:9"));
                    long begun = System.nanoTime();
                    pair.client.connect(stale, Pair.ALPN).close();
                    return since(begun);
                  }
                }))
        .isLessThan(BEFORE_QUIC_REPEATS);
  }

  /** With a relay of ours the dial begins there, where the peer is not. */
  @Test
  void aRelayFoundDuringTheDialIsUsedAtOnce() throws Exception {
    StubDiscovery service = new StubDiscovery("dns");
    try (RelayServer ours = RelayServer.builder().bind(LOOPBACK);
        RelayServer theirs = RelayServer.builder().bind(LOOPBACK)) {
      assertThat(
              fastest(
                  () -> {
                    try (Endpoint server =
                            Pair.builder().relay(theirs.url()).directEnabled(false).bind();
                        Endpoint client =
                            Pair.builder()
                                .relay(ours.url())
                                .directEnabled(false)
                                .discovery(service)
                                .bind()) {
                      server.awaitOnline(Pair.SOON);
                      client.awaitOnline(Pair.SOON);
                      service.knowing(server.addr());
                      long begun = System.nanoTime();
                      dial(client, server).close();
                      return since(begun);
                    }
                  }))
          .isLessThan(BEFORE_QUIC_REPEATS);
    }
  }

  @Test
  void knowingOnlyTheRelayFromAServiceTheyMoveToADirectPath() throws Exception {
    StubDiscovery dns = new StubDiscovery("dns");
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        Endpoint server = Pair.builder().relay(relay.url()).bind();
        Endpoint client = Pair.builder().discovery(dns).bind()) {
      server.awaitOnline(Pair.SOON);
      dns.knowing(server.addr().withoutIps());
      try (Connection connection = dial(client, server)) {
        assertThat(provenances(client, server.id())).contains("dns");
        Await.until("a direct path", Pair.SOON, () -> connection.path().isDirect());
        assertThat(provenances(client, server.id())).contains("call-me-maybe");
      }
    }
  }

  /** The peer is behind one address, then behind another, and the connection does not notice. */
  @Test
  void aConnectionWhosePeerIsNotReachedAnyMoreLooksWhereItIsNow() throws Exception {
    StubDiscovery service = new StubDiscovery("service");
    try (Endpoint server = Pair.builder().bind();
        UdpProxy first = new UdpProxy(server.boundSockets().get(0));
        UdpProxy second = new UdpProxy(server.boundSockets().get(0));
        Endpoint client = Pair.builder().discovery(service).bind()) {
      service.knowing(NodeAddr.of(server.id()).withIp(first.address()));
      try (Connection connection = dial(client, server)) {
        Connection accepted = server.accept().orElseThrow().accept();
        Await.until("a confirmed path", Pair.SOON, () -> connection.path().confirmed());
        service.knowing(NodeAddr.of(server.id()).withIp(second.address()));
        first.deaf();
        SendStream out = connection.openUni();
        out.write(new byte[100_000]);
        out.finish();
        assertThat(accepted.acceptUni().readAll(200_000)).hasSize(100_000);
        assertThat(service.asked.size()).isGreaterThan(1);
        assertThat(connection.path().remote()).hasToString(SocketAddrs.toString(second.address()));
      }
    }
  }

  // ---- not found ----

  @Test
  void withoutAnyServiceAnIdFailsAtOnce() throws Exception {
    try (Endpoint client = Pair.builder().bind()) {
      long begun = System.nanoTime();
      assertThatThrownBy(() -> client.connect(nobody, Pair.ALPN))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS))
          .hasMessageContaining("no way to find");
      assertThat(since(begun)).isLessThan(Duration.ofMillis(500));
    }
  }

  @Test
  void anUnknownIdFailsEarlyWithWhatEachServiceSaid() throws Exception {
    StubDiscovery failing = new StubDiscovery("dns").failing("server on fire");
    try (Endpoint client =
        Pair.builder().discovery(new MemoryDiscovery()).discovery(failing).bind()) {
      long begun = System.nanoTime();
      assertThatThrownBy(() -> client.connect(nobody, Pair.ALPN))
          .isInstanceOfSatisfying(
              PeerConnectException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS);
                assertThat(e.getSuppressed())
                    .anySatisfy(cause -> assertThat(cause).hasMessage("server on fire"));
              })
          .hasMessageContaining("memory: knows nothing of it")
          .hasMessageContaining("dns: server on fire");
      assertThat(since(begun)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void servicesThatDoNotEndAreWaitedForAsLongAsTheDialMayTake() throws Exception {
    try (Endpoint client = Pair.builder().discovery(new StubDiscovery("endless")).bind()) {
      assertThatThrownBy(() -> client.connect(NodeAddr.of(nobody), Pair.ALPN, SHORT))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS))
          .hasMessageContaining("within 1500 ms")
          .hasMessageContaining("endless: nothing yet");
    }
  }

  @Test
  void aPeerThatDoesNotAnswerWhereItWasFoundIsToldWithTheServices() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    memory.set(NodeAddr.of(nobody).withIp(SocketAddrs.parse("127.0.0.1:9")));
    try (Endpoint client = Pair.builder().discovery(memory).bind()) {
      assertThatThrownBy(() -> client.connect(NodeAddr.of(nobody), Pair.ALPN, SHORT))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
          .hasMessageContaining("127.0.0.1:9")
          .hasMessageContaining("looked up: memory: found 1 address");
      assertThat(client.remotes()).extracting(RemoteInfo::id).isEqualTo(List.of(nobody));
    }
  }

  @Test
  void whatIsFoundAndCannotBeUsedCountsAsNotFound() throws Exception {
    StubDiscovery hostile =
        new StubDiscovery("hostile")
            .knowing(
                NodeAddr.of(nobody)
                    .withIps(
                        List.of(
                            SocketAddrs.parse("224.0.0.1:9"),
                            SocketAddrs.parse("255.255.255.255:9"),
                            SocketAddrs.parse("0.0.0.0:9"),
                            SocketAddrs.parse("127.0.0.1:0"))));
    try (Endpoint client = Pair.builder().discovery(hostile).bind()) {
      assertThatThrownBy(() -> client.connect(nobody, Pair.ALPN))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS));
      assertThat(client.metrics().get("discovery.addresses_refused")).isEqualTo(4);
      assertThat(client.metrics().get("socket.sent_disco_ping")).isZero();
      assertThat(client.remoteInfo(nobody)).isEmpty();
    }
  }

  @Test
  void aServiceThatNamesAThousandAddressesDoesNotHideTheRightOne() throws Exception {
    StubDiscovery hostile = new StubDiscovery("hostile");
    StubDiscovery good = new StubDiscovery("good");
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(hostile).discovery(good))) {
      List<InetSocketAddress> thousand = new ArrayList<>();
      for (int port = 1; port <= 1000; port++) {
        thousand.add(SocketAddrs.parse("127.0.0.2:" + port));
      }
      hostile.answering(
          (id, sink) -> {
            for (int i = 0; i + 10 <= thousand.size(); i += 10) {
              sink.found(hostile.item(NodeAddr.of(id).withIps(thousand.subList(i, i + 10))));
            }
            Await.until("the other's question", Pair.SOON, () -> !good.asked.isEmpty());
            good.asked.get(0).found(good.item(pair.server.addr()));
          });
      good.answering((id, sink) -> {});
      CompletableFuture<Connection> dial =
          pair.client.connectAsync(
              NodeAddr.of(pair.server.id()), Pair.ALPN, ConnectOptions.DEFAULT);
      try (Connection connection = dial.get(10, TimeUnit.SECONDS)) {
        assertThat(pair.client.remoteInfo(pair.server.id()).orElseThrow().addrs())
            .hasSizeLessThanOrEqualTo(14);
        assertThat(pair.client.metrics().get("discovery.findings_too_many")).isPositive();
      }
    }
  }

  // ---- given up ----

  @Test
  void aDialThatWaitsForALookupCanBeCancelled() throws Exception {
    StubDiscovery late = new StubDiscovery("late");
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(late))) {
      CompletableFuture<Connection> dial =
          pair.client.connectAsync(
              NodeAddr.of(pair.server.id()), Pair.ALPN, ConnectOptions.DEFAULT);
      Await.until("the question", Pair.SOON, () -> !late.asked.isEmpty());
      assertThat(dial.cancel(true)).isTrue();
      late.asked.get(0).found(late.item(pair.server.addr()));
      assertThat(pair.client.metrics().get("connections.opened")).isZero();
      dial(pair.client, pair.server).close();
    }
  }

  @Test
  void aDialThatWaitsForALookupEndsWithItsEndpoint() throws Exception {
    StubDiscovery endless = new StubDiscovery("endless");
    Endpoint client = Pair.builder().discovery(endless).bind();
    CompletableFuture<Connection> dial =
        client.connectAsync(NodeAddr.of(nobody), Pair.ALPN, ConnectOptions.DEFAULT);
    Await.until("the question", Pair.SOON, () -> !endless.asked.isEmpty());
    client.close();
    assertThatThrownBy(() -> dial.get(5, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED));
  }
}
