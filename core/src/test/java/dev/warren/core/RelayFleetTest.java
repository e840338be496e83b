package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import dev.warren.testlab.DelayingForwarder;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Endpoints on several relays and nothing else, of which some end while data is under way. */
class RelayFleetTest {
  private static final Alpn SINK = Alpn.of("sink/1");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  private final List<RelayServer> servers = new ArrayList<>();
  private final List<DelayingForwarder> ways = new ArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void relays() throws Exception {
    for (int i = 0; i < 3; i++) {
      RelayServer server = RelayServer.builder().bind(LOOPBACK);
      servers.add(server);
      ways.add(new DelayingForwarder(server.boundAddress(), Duration.ZERO));
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable o : opened) {
      o.close();
    }
    ways.forEach(DelayingForwarder::close);
    servers.forEach(RelayServer::close);
  }

  private RelayUrl url(int relay) throws Exception {
    return RelayUrl.parse("http://" + SocketAddrs.toString(ways.get(relay).address()) + "/");
  }

  /** The round trips in ms. */
  private void roundTrips(int... ms) {
    for (int i = 0; i < ms.length; i++) {
      ways.get(i).delay(Duration.ofMillis(ms[i] / 2));
    }
  }

  private Endpoint endpoint(int... relays) throws Exception {
    EndpointBuilder builder = Endpoint.builder().bindAddr(LOOPBACK).directEnabled(false);
    for (int relay : relays) {
      builder.relay(url(relay));
    }
    Endpoint endpoint = builder.bind();
    opened.add(endpoint);
    endpoint.awaitOnline(SOON);
    return endpoint;
  }

  private Endpoint server(int... relays) throws Exception {
    Endpoint endpoint = endpoint(relays);
    opened.add(0, Router.builder(endpoint).accept(SINK, RelayFleetTest::hash).spawn());
    return endpoint;
  }

  private static @Nullable RelayUrl home(Endpoint endpoint) {
    return endpoint.homeRelay().get() instanceof RelayStatus.Connected c ? c.url() : null;
  }

  private void awaitHome(Endpoint endpoint, int relay) throws Exception {
    RelayUrl url = url(relay);
    Await.until("home at " + relay, SOON, () -> url.equals(home(endpoint)));
  }

  private static void hash(Connection connection) throws Exception {
    for (; ; ) {
      RecvStream in = connection.acceptUni();
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] chunk = new byte[65536];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        sha.update(chunk, 0, n);
      }
      try (SendStream out = connection.openUni()) {
        out.write(sha.digest());
        out.finish();
      }
    }
  }

  private static byte[] send(Connection connection, byte[] data) throws Exception {
    SendStream out = connection.openUni();
    out.write(data);
    out.finish();
    return connection.acceptUni().readAll(32);
  }

  private static CompletableFuture<byte[]> sending(Connection connection, byte[] data) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return send(connection, data);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static byte[] data(int n) {
    byte[] data = new byte[n];
    new Random(n).nextBytes(data);
    return data;
  }

  private static byte[] sha(byte[] data) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(data);
  }

  private long forwarded(int relay) {
    return servers.get(relay).metrics().get("bytes_sent");
  }

  /**
   * Data flows by the other relays. A second after the loss the peer is searched for; QUIC's own
   * probes, which have become seldom meanwhile, find the way at twice the time of the gap at most.
   */
  private void awaitFlow() {
    long before = forwarded(1) + forwarded(2);
    Await.until(
        "data by another relay",
        Duration.ofSeconds(8),
        () -> forwarded(1) + forwarded(2) > before + 300_000);
  }

  @Test
  void aTransferGoesOnWhenTheHomeOfBothEndsEnds() throws Exception {
    roundTrips(4, 100, 200);
    Endpoint server = server(0, 1, 2);
    Await.until("measured", SOON, () -> server.relayLatencies().size() == 3);
    awaitHome(server, 0);
    roundTrips(4, 200, 100);
    Endpoint client = endpoint(0, 1, 2);
    Await.until("measured", SOON, () -> client.relayLatencies().size() == 3);
    awaitHome(client, 0);
    roundTrips(4, 20, 20);
    try (Connection connection = client.connect(server.addr(), SINK)) {
      byte[] data = data(24 * 1024 * 1024);
      CompletableFuture<byte[]> hash = sending(connection, data);
      Await.until("some bytes", SOON, () -> forwarded(0) > 1_000_000);
      ways.get(0).down();
      awaitFlow();
      assertThat(hash.get(60, TimeUnit.SECONDS)).isEqualTo(sha(data));
      assertThat(connection.path().type()).isEqualTo(PathInfo.Type.RELAY);
      assertThat(forwarded(1) + forwarded(2)).isGreaterThan(10_000_000);
      assertThat(client.metrics().get("socket.relay_home_change")).isPositive();
    }
  }

  @Test
  void aTransferBetweenDifferentHomesGoesOnWhenTheReceiversEnds() throws Exception {
    roundTrips(4, 4, 150);
    Endpoint server = server(0, 2);
    Endpoint client = endpoint(1);
    awaitHome(server, 0);
    roundTrips(4, 4, 10);
    try (Connection connection = client.connect(server.addr(), SINK)) {
      byte[] data = data(12 * 1024 * 1024);
      client.insertRelay(url(2));
      CompletableFuture<byte[]> hash = sending(connection, data);
      Await.until("some bytes", SOON, () -> forwarded(0) > 1_000_000);
      ways.get(0).down();
      awaitFlow();
      assertThat(hash.get(60, TimeUnit.SECONDS)).isEqualTo(sha(data));
      awaitHome(server, 2);
    }
  }

  @Test
  void relaysChangeUnderARunningTransferAndNothingIsLost() throws Exception {
    Endpoint server = server(0);
    Endpoint client = endpoint(0);
    try (Connection connection = client.connect(server.addr(), SINK)) {
      byte[] data = data(12 * 1024 * 1024);
      CompletableFuture<byte[]> hash = sending(connection, data);
      Await.until("some bytes", SOON, () -> forwarded(0) > 1_000_000);
      for (Endpoint endpoint : List.of(server, client)) {
        endpoint.insertRelay(url(1));
        endpoint.removeRelay(url(0));
        awaitHome(endpoint, 1);
        assertThat(endpoint.addr().relay()).contains(url(1));
      }
      assertThat(hash.get(60, TimeUnit.SECONDS)).isEqualTo(sha(data));
      try (Connection second = client.connect(server.addr(), SINK)) {
        assertThat(send(second, data(1000))).isEqualTo(sha(data(1000)));
      }
    }
  }

  @Test
  void aTicketWithARelayThatHasEndedStillLeadsToAPeerOfTheSameFleet() throws Exception {
    roundTrips(4, 100, 100);
    Endpoint server = server(0, 1);
    awaitHome(server, 0);
    NodeAddr ticket = server.addr();
    Await.until("measured", SOON, () -> server.relayLatencies().size() == 2);
    ways.get(0).down();
    awaitHome(server, 1);
    Endpoint client = endpoint(2, 1);
    try (Connection connection = client.connect(ticket, SINK)) {
      assertThat(send(connection, data(1000))).isEqualTo(sha(data(1000)));
    }
  }
}
