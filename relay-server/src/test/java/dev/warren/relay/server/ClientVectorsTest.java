package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.testlab.Await;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The relay client and the vectors of relay-protocol sections F1 and F2, with a relay that the test
 * plays by hand.
 */
class ClientVectorsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String PK =
      "197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61";
  private static final String HELLO = "48656c6c6f20576f726c6421";

  private final SecretKey key = key();
  private ServerSocket listener;
  private TestClient client;

  private static SecretKey key() {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 0x2a);
    return SecretKey.ofBytes(seed);
  }

  @BeforeEach
  void listen() throws Exception {
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(10_000);
    client =
        new TestClient(
            RelayUrl.parse("http://127.0.0.1:" + listener.getLocalPort() + "/"), key, null);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    listener.close();
  }

  private RawPeer upgraded(String version) throws Exception {
    RawPeer peer = RawPeer.accepted(listener.accept());
    return peer.write(RawPeer.switching(peer.head(), version));
  }

  /** Connected, with the client's first ping answered. */
  private RawPeer connected(String version) throws Exception {
    RawPeer peer = upgraded(version);
    peer.send("02"); // a relay may know the client already, by the exporter
    String ping = peer.receiveHex();
    assertThat(ping).startsWith("09");
    peer.send("0a" + ping.substring(2));
    client.online();
    return peer;
  }

  private void lost() {
    Await.until(
        "a lost connection",
        SOON,
        () -> client.client.status().get() instanceof RelayStatus.Reconnecting);
  }

  @Test
  void theRequestIsSpelledSoThatEveryServerUnderstandsIt() throws Exception {
    try (RawPeer peer = RawPeer.accepted(listener.accept())) {
      assertThat(peer.head())
          .startsWith("GET /relay HTTP/1.1\r\nHost: 127.0.0.1:" + listener.getLocalPort() + "\r\n")
          .contains("\r\nConnection: Upgrade\r\n")
          .contains("\r\nUpgrade: websocket\r\n")
          .contains("\r\nSec-WebSocket-Version: 13\r\n")
          .contains("\r\nSec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "000102030405060708090a0b0c0d0e0f,"
        + "a28b5ebc6a930b5d80ad5aca2a8e48ad4a064e699c0866674c8b8e61a5f4ea940ee8b9f06732930250ac0735555abe77e8df740165edc3163be432f0e4f3cf0f",
    "ffffffffffffffffffffffffffffffff,"
        + "fa7d6549d7e1fbe3f1a925961ee4cc98a67c85b00d9c79d02fec18aa456d33e047bfd69b5bd8a362be0bb6919795a7f14a5e74cc2182f155f386a72d934fce09"
  })
  void theAnswerToAChallenge(String challenge, String signature) throws Exception {
    try (RawPeer peer = upgraded("iroh-relay-v2")) {
      peer.send("00" + challenge);
      assertThat(peer.receiveHex()).isEqualTo("01" + PK + "40" + signature);
      peer.send("02");
      client.online();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "030e6e6f7420617574686f72697a6564, not authorized",
    "03117369676e617475726520696e76616c6964, signature invalid"
  })
  void aDenialIsTheCause(String frame, String reason) throws Exception {
    try (RawPeer peer = upgraded("iroh-relay-v2")) {
      peer.send("00000102030405060708090a0b0c0d0e0f").receive();
      assertThat(peer.send(frame).ends()).isTrue();
      Await.until(
          "a denial",
          SOON,
          () ->
              client.client.status().get() instanceof RelayStatus.NotAuthorized n
                  && n.reason().equals(reason)
                  && n.retryIn().toSeconds() >= 30);
    }
  }

  @Test
  void aRelayWithoutRoomIsNoRefusalAndIsAskedAgainSoon() throws Exception {
    try (RawPeer peer = upgraded("iroh-relay-v2")) {
      peer.write(RawPeer.message(0x88, new byte[] {3, (byte) 245, 'f', 'u', 'l', 'l'}, false));
      RelayStatus.Reconnecting busy =
          (RelayStatus.Reconnecting)
              client.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(busy.kind()).isEqualTo(RelayFailure.BUSY);
      assertThat(busy.cause()).contains("full");
    }
    connected("iroh-relay-v2").close();
  }

  @Test
  void whatItSends() throws Exception {
    NodeId to = NodeId.parse(PK);
    try (RawPeer peer = connected("iroh-relay-v2")) {
      client.send(to, "Hello World!", 0);
      assertThat(peer.receiveHex()).isEqualTo("04" + PK + "00" + HELLO);
      client.send(to, "Hello World!", 6);
      assertThat(peer.receiveHex()).isEqualTo("05" + PK + "000006" + HELLO);
      peer.send("092a2a2a2a2a2a2a2a");
      assertThat(peer.receiveHex()).isEqualTo("0a2a2a2a2a2a2a2a2a");
    }
  }

  @Test
  void whatItReceives() throws Exception {
    NodeId from = NodeId.parse(PK);
    try (RawPeer peer = connected("iroh-relay-v2")) {
      peer.send("06" + PK + "03" + HELLO);
      assertThat(client.next()).isEqualTo(new TestClient.Received(from, "Hello World!", 0));
      peer.send("07" + PK + "030006" + HELLO);
      assertThat(client.next()).isEqualTo(new TestClient.Received(from, "Hello World!", 6));
      peer.send("08" + PK);
      Await.until("gone", SOON, () -> client.gone.contains(from));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "iroh-relay-v2, 0d00",
    "iroh-relay-v2, 0d01",
    "iroh-relay-v2, 0d7f",
    "iroh-relay-v2, 0d00ffff",
    "iroh-relay-v2, 0c0000000a00000014",
    "iroh-relay-v1, 0c0000000a00000014",
    "iroh-relay-v1, 0b48656c6c6f3f20596573207468697320697320646f672e",
    "iroh-relay-v2, 0a2a2a2a2a2a2a2a2a",
    "iroh-relay-v2, 06" + PK + "00"
  })
  void whatItTolerates(String version, String frame) throws Exception {
    try (RawPeer peer = connected(version)) {
      assertThat(peer.send(frame).lives()).isTrue();
      assertThat(client.client.isConnected()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "iroh-relay-v2, 0b48656c6c6f3f20596573207468697320697320646f672e",
    "iroh-relay-v1, 0d00",
    "iroh-relay-v2, 0d",
    "iroh-relay-v2, 0e",
    "iroh-relay-v2, 06",
    "iroh-relay-v2, 07",
    "iroh-relay-v2, 06" + PK,
    "iroh-relay-v2, 07" + PK + "0300",
    "iroh-relay-v2, 04" + PK + "03" + HELLO,
    "iroh-relay-v2, 05" + PK + "030006" + HELLO,
    "iroh-relay-v2, 08197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d",
    "iroh-relay-v2, 092a2a2a2a2a2a2a",
    "iroh-relay-v2, 0a2a2a2a2a2a2a",
    "iroh-relay-v2, 0c000000000000",
    "iroh-relay-v2, 00000102030405060708090a0b0c0d0e0f",
    "iroh-relay-v2, 02"
  })
  void whatItRejects(String version, String frame) throws Exception {
    try (RawPeer peer = connected(version)) {
      assertThat(peer.send(frame).ends()).isTrue();
      lost();
    }
  }

  // ---- what it makes of the relay's words ----

  private RelayHealth health(RelayHealth.Kind kind) throws Exception {
    return client.client.health().awaitUntil(h -> h.kind() == kind, SOON);
  }

  @Test
  void theStatusOfAConnectionIsShownAndEndsNothing() throws Exception {
    try (RawPeer peer = connected("iroh-relay-v2")) {
      peer.send("0d01");
      health(RelayHealth.Kind.REPLACED);
      peer.send("0d02");
      health(RelayHealth.Kind.RATE_LIMITED);
      peer.send("0dfe");
      assertThat(health(RelayHealth.Kind.OTHER).text()).isEqualTo("status 254");
      peer.send("0d00");
      health(RelayHealth.Kind.HEALTHY);
      assertThat(peer.lives()).isTrue();
    }
  }

  @Test
  void aHealthTextIsShownAndANewConnectionBeginsHealthy() throws Exception {
    try (RawPeer peer = connected("iroh-relay-v1")) {
      peer.send("0b48656c6c6f3f20596573207468697320697320646f672e");
      assertThat(health(RelayHealth.Kind.OTHER).text()).isEqualTo("Hello? Yes this is dog.");
    }
    try (RawPeer again = connected("iroh-relay-v1")) {
      assertThat(again.lives()).isTrue();
      assertThat(client.client.health().get()).isEqualTo(RelayHealth.GOOD);
    }
  }

  @Test
  void aWebSocketPingIsAnsweredByItsPong() throws Exception {
    try (RawPeer peer = connected("iroh-relay-v2")) {
      peer.write(RawPeer.message(0x89, new byte[] {1, 2, 3}, false));
      assertThat(peer.receive(0x8a)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aRelayThatGoesAwayIsDialledAgainSoonAndTheCauseSaysSo() throws Exception {
    try (RawPeer peer = connected("iroh-relay-v2")) {
      peer.write(RawPeer.message(0x88, new byte[] {3, (byte) 233, 'b', 'y', 'e'}, false));
      RelayStatus.Reconnecting lost =
          (RelayStatus.Reconnecting)
              client.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(lost.kind()).isEqualTo(RelayFailure.GOING_AWAY);
      assertThat(lost.cause()).contains("1001", "bye");
      assertThat(lost.attempt()).isEqualTo(1);
    }
    connected("iroh-relay-v2").close();
  }

  @Test
  void aRestartIsWaitedForAsTheRelaySaid() throws Exception {
    long start;
    try (RawPeer peer = connected("iroh-relay-v2")) {
      peer.send("0c000005dc000003e8"); // 1500 ms, then try for 1000 ms
      assertThat(peer.lives()).isTrue();
      start = System.nanoTime();
    }
    connected("iroh-relay-v2").close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1400));
  }

  @Test
  void nothingIsTakenAfterAViolation() throws Exception {
    try (RawPeer peer = connected("iroh-relay-v2")) {
      byte[] bad = RawPeer.message(0x82, new byte[] {14}, false);
      byte[] good = RawPeer.message(0x82, RawPeer.HEX.parseHex("06" + PK + "00" + HELLO), false);
      byte[] both = Arrays.copyOf(bad, bad.length + good.length);
      System.arraycopy(good, 0, both, bad.length, good.length);
      assertThat(peer.write(both).ends()).isTrue();
      lost();
      assertThat(client.received).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "iroh-relay-v3", "iroh-relay-v2, iroh-relay-v1"})
  void aServerOfAnotherGenerationIsLeft(String version) throws Exception {
    try (RawPeer peer = upgraded(version)) {
      assertThat(peer.ends()).isTrue();
    }
  }
}
