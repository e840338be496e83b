package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients are granted, on real sockets. */
class LimitsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String PROTOCOLS = "iroh-relay-v2, iroh-relay-v1";

  private RelayServer relay;

  @AfterEach
  void close() {
    if (relay != null) {
      relay.close();
    }
  }

  private void bind(UnaryOperator<RelayLimits.Builder> limits) throws Exception {
    relay =
        RelayServer.builder()
            .limits(limits.apply(RelayLimits.builder()).build())
            .bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  private RawPeer raw() throws IOException {
    return RawPeer.connect(relay.boundAddress());
  }

  private RawPeer connected() throws IOException {
    return raw().authenticate(SecretKey.generate());
  }

  private RawPeer from(String address) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
    socket.connect(relay.boundAddress(), 5000);
    return RawPeer.over(socket);
  }

  private static void isFull(RawPeer peer, String reason) throws IOException {
    assertThat(peer.upgrade(PROTOCOLS)).startsWith("HTTP/1.1 503 ");
    assertThat(peer.ends()).isTrue();
  }

  // ---- places ----

  @Test
  void aFullRelayAnswers503UntilSomebodyLeaves() throws Exception {
    bind(limits -> limits.clients(2));
    try (RawPeer one = connected()) {
      try (RawPeer two = connected();
          RawPeer three = raw()) {
        isFull(three, "full");
        assertThat(two.lives()).isTrue();
        assertThat(relay.metrics()).containsEntry("refused_clients", 1L);
      }
      Await.until("one has left", SOON, () -> relay.clients() == 1);
      try (RawPeer three = connected()) {
        assertThat(three.lives()).isTrue();
      }
      assertThat(one.lives()).isTrue();
    }
  }

  @Test
  void anAddressHasItsPlacesAndNoMore() throws Exception {
    bind(limits -> limits.clientsPerAddress(1));
    try (RawPeer one = from("127.0.0.1").authenticate(SecretKey.generate());
        RawPeer second = from("127.0.0.1");
        RawPeer other = from("127.0.0.2").authenticate(SecretKey.generate())) {
      isFull(second, "address");
      assertThat(one.lives()).isTrue();
      assertThat(other.lives()).isTrue();
      assertThat(relay.metrics()).containsEntry("refused_clients_per_address", 1L);
    }
  }

  @Test
  void lowerLimitsAreForWhoComesNext() throws Exception {
    bind(limits -> limits);
    try (RawPeer one = connected();
        RawPeer two = connected();
        RawPeer three = raw()) {
      relay.limits(RelayLimits.builder().clients(1).build());
      isFull(three, "full");
      assertThat(one.lives()).isTrue();
      assertThat(two.lives()).isTrue();
    }
  }

  /** It is told to come again, and not that it may not: its token is good. */
  @Test
  void aClientOfOursThatFindsNoPlaceForItsIdTriesAgain() throws Exception {
    bind(limits -> limits.connectionsPerId(1));
    SecretKey key = SecretKey.generate();
    try (RawPeer first = raw().authenticate(key);
        TestClient second = new TestClient(relay.url(), key, null)) {
      RelayStatus status =
          second.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(((RelayStatus.Reconnecting) status).kind()).isEqualTo(RelayFailure.BUSY);
      assertThat(((RelayStatus.Reconnecting) status).cause())
          .contains("too many connections with this id");
      first.close();
      second.online();
    }
  }

  // ---- rate ----

  private static final int PIECE = 1500;

  /** Sends pieces of a datagram for nobody and a ping, and waits for the pong of each. */
  private static double bytesPerSecond(RawPeer peer, int bytes) throws IOException {
    byte[] ping = RawPeer.message(0x82, RawPeer.HEX.parseHex("090102030405060708"), true);
    int header = 8 + 34;
    byte[] frame =
        SlowReaderTest.frame(SecretKey.generate().nodeId(), PIECE - ping.length - header);
    byte[] datagram = RawPeer.message(0x82, frame, true);
    byte[] piece = Arrays.copyOf(datagram, PIECE);
    System.arraycopy(ping, 0, piece, datagram.length, ping.length);
    long start = System.nanoTime();
    for (int sent = 0; sent < bytes; sent += PIECE) {
      peer.write(piece);
      while (peer.receive()[0] != 10) {
        // that it is held back
      }
    }
    return bytes / ((System.nanoTime() - start) / 1e9);
  }

  @Test
  void aClientSendsAsFastAsItsRateAndNotFaster() throws Exception {
    bind(limits -> limits.bytesPerSecond(20_000).burstBytes(2_000));
    try (RawPeer peer = connected()) {
      bytesPerSecond(peer, 4_500); // the burst is spent
      assertThat(bytesPerSecond(peer, 60_000)).isEqualTo(20_000, within(2_000.0));
    }
  }

  @Test
  void anotherRateHoldsAtOnceForWhoIsConnected() throws Exception {
    bind(limits -> limits.bytesPerSecond(100).burstBytes(2_000));
    try (RawPeer peer = connected()) {
      // 200 s to wait at the old rate.
      Thread flood =
          new Thread(
              () -> {
                try {
                  bytesPerSecond(peer, 22_000);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      flood.start();
      Await.until("held back", SOON, () -> relay.metrics().get("conns_rx_ratelimited_total") == 1);
      relay.limits(RelayLimits.builder().bytesPerSecond(50_000).build());
      flood.join(8_000);
      assertThat(flood.isAlive()).isFalse();
      relay.limits(RelayLimits.defaults());
      assertThat(bytesPerSecond(peer, 3_000_000)).isGreaterThan(200_000);
    }
  }

  @Test
  void whoIsHeldBackIsToldOnce() throws Exception {
    bind(limits -> limits.bytesPerSecond(10_000).burstBytes(1_000));
    try (RawPeer peer = connected()) {
      byte[] frame = SlowReaderTest.frame(SecretKey.generate().nodeId(), 1500);
      peer.send(frame).send(frame);
      assertThat(peer.receiveHex()).isEqualTo("0d02");
      peer.send(frame);
      assertThat(peer.lives()).isTrue();
    }
  }

  // ---- time ----

  @Test
  void theTimesForEstablishingAreThoseOfTheLimits() throws Exception {
    bind(
        limits ->
            limits.establishTime(Duration.ofMillis(400)).handshakeTime(Duration.ofMillis(800)));
    try (RawPeer established = connected();
        RawPeer silent = raw();
        RawPeer upgraded = raw()) {
      upgraded.upgrade(PROTOCOLS);
      long start = System.nanoTime();
      assertThat(silent.ends()).isTrue();
      upgraded.receive();
      assertThat(upgraded.ends()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
      assertThat(established.lives()).isTrue();
    }
  }

  // ---- queue ----

  @Test
  void noMoreFramesWaitThanTheLimitSays() throws Exception {
    bind(limits -> limits.queueFrames(8));
    SecretKey deaf = SecretKey.generate();
    try (RawPeer silent = RawPeer.connect(relay.boundAddress(), 4096).authenticate(deaf);
        RawPeer peer = connected()) {
      byte[] frame = SlowReaderTest.frame(deaf.nodeId(), 60_000);
      for (int i = 0; i < 200; i++) {
        peer.send(frame);
      }
      assertThat(peer.lives()).isTrue();
      long dropped = relay.metrics().get("send_packets_dropped_queue_full");
      // 8 waiting, half a mebibyte in Netty, and what the two kernel buffers take.
      assertThat(dropped).isGreaterThan(100);
      assertThat(relay.metrics().get("disconnects")).isZero();
    }
  }
}
