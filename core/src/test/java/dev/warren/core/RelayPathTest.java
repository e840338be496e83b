package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two endpoints and a real relay on loopback. */
class RelayPathTest {
  private static final Alpn SINK = Alpn.of("sink/1");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  private static EndpointBuilder builder(RelayServer relay) {
    return Endpoint.builder().bindAddr(LOOPBACK).relay(relay.url());
  }

  private static void hash(Connection connection) throws Exception {
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

  private static byte[] send(Connection connection, byte[] data) throws Exception {
    SendStream out = connection.openUni();
    out.write(data);
    out.finish();
    return connection.acceptUni().readAll(32);
  }

  private static byte[] data(int n) {
    byte[] data = new byte[n];
    new Random(n).nextBytes(data);
    return data;
  }

  private static byte[] sha(byte[] data) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(data);
  }

  @Test
  void withoutDirectPathsTheRelayCarriesEverything() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        Endpoint server = builder(relay).directEnabled(false).bind();
        Endpoint client = builder(relay).directEnabled(false).bind();
        Router router = Router.builder(server).accept(SINK, RelayPathTest::hash).spawn()) {
      server.awaitOnline(SOON);
      client.awaitOnline(SOON);
      try (Connection connection = client.connect(server.addr(), SINK)) {
        byte[] data = data(8 * 1024 * 1024);
        assertThat(send(connection, data)).isEqualTo(sha(data));
        assertThat(connection.path().type()).isEqualTo(PathInfo.Type.RELAY);
      }
    }
  }

  @Test
  void knowingOnlyTheRelayTheyMoveToADirectPath() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        Endpoint server = builder(relay).bind();
        Endpoint client = builder(relay).bind();
        Router router = Router.builder(server).accept(SINK, RelayPathTest::hash).spawn()) {
      server.awaitOnline(SOON);
      client.awaitOnline(SOON);
      NodeAddr relayOnly = server.addr().withoutIps();
      try (Connection connection = client.connect(relayOnly, SINK)) {
        Await.until("a direct path", SOON, () -> connection.path().isDirect());
        byte[] data = data(1024 * 1024);
        assertThat(send(connection, data)).isEqualTo(sha(data));
      }
    }
  }

  @Test
  void aRelayThatDiesAndComesBackLosesNothing() throws Exception {
    RelayServer first = RelayServer.builder().bind(LOOPBACK);
    InetSocketAddress address = first.boundAddress();
    try (Endpoint server = builder(first).directEnabled(false).bind();
        Endpoint client = builder(first).directEnabled(false).bind();
        Router router = Router.builder(server).accept(SINK, RelayPathTest::hash).spawn()) {
      server.awaitOnline(SOON);
      client.awaitOnline(SOON);
      try (Connection connection = client.connect(server.addr(), SINK)) {
        byte[] data = data(12 * 1024 * 1024);
        CompletableFuture<byte[]> hash =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return send(connection, data);
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
        Await.until("some bytes", SOON, () -> first.metrics().get("bytes_sent") > 1_000_000);
        first.close();
        try (RelayServer second = RelayServer.builder().bind(address)) {
          assertThat(hash.get(25, TimeUnit.SECONDS)).isEqualTo(sha(data));
        }
      }
    } finally {
      first.close();
    }
  }
}
