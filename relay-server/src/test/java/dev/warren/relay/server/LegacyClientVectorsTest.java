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
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The relay client and the vectors of relay-protocol sections F5 and F6, with a relay up to 0.90
 * that the test plays by hand: it answers the offered versions by none.
 */
class LegacyClientVectorsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String PK =
      "197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61";
  private static final String CLIENT_INFO =
      "0252454c4159f09f9491197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d6188e77b22"
          + "f292ab37435da8de0bc8cb84e288f4e73b3582a52731e9ff9865465c87e05e8d427df422bb6e85e1c05f6f74"
          + "9837baa4a5c7eba3230d77569910430e03";
  private static final String HELLO_WORLD = "050048656c6c6f0600576f726c6421";

  private ServerSocket listener;
  private TestClient client;

  @BeforeEach
  void listen() throws Exception {
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(10_000);
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 0x2a);
    client =
        new TestClient(
            RelayUrl.parse("http://127.0.0.1:" + listener.getLocalPort() + "/"),
            SecretKey.ofBytes(seed),
            null);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    listener.close();
  }

  /** Upgraded and introduced; the client's first ping is not answered yet. */
  private RawPeer introduced() throws Exception {
    RawPeer peer = RawPeer.accepted(listener.accept());
    peer.write(RawPeer.switching(peer.head(), null));
    assertThat(peer.receiveHex()).isEqualTo(CLIENT_INFO);
    return peer;
  }

  private RawPeer connected() throws Exception {
    RawPeer peer = introduced();
    answerPing(peer);
    client.online();
    answerPing(peer);
    return peer;
  }

  private static void answerPing(RawPeer peer) throws Exception {
    String ping = peer.receiveHex();
    assertThat(ping).hasSize(18).startsWith("0c");
    peer.send("0d" + ping.substring(2));
  }

  @Test
  void itIntroducesItselfAndIsConnectedOnceTheRelayHasAnswered() throws Exception {
    try (RawPeer peer = introduced()) {
      String ping = peer.receiveHex();
      assertThat(client.client.isConnected()).isFalse();
      peer.send("0d" + ping.substring(2));
      client.online();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"06", "08" + PK, "0c2a2a2a2a2a2a2a2a", "05" + PK + "050048656c6c6f"})
  void whateverOnlyATakenClientGetsIsAnAnswer(String frame) throws Exception {
    try (RawPeer peer = introduced()) {
      peer.send(frame);
      client.online();
    }
  }

  @Test
  void theWordsOfARefusalAreARefusalAndItWasNeverConnected() throws Exception {
    try (RawPeer peer = introduced()) {
      peer.send("0e6e6f742061757468656e74696361746564");
      assertThat(peer.ends()).isTrue();
      RelayStatus status = client.client.status().awaitUntil(s -> !connecting(s), SOON);
      assertThat(status)
          .isInstanceOfSatisfying(
              RelayStatus.NotAuthorized.class,
              n -> assertThat(n.reason()).isEqualTo("not authenticated"));
    }
  }

  private static boolean connecting(RelayStatus status) {
    return status instanceof RelayStatus.Connecting;
  }

  @Test
  void whatItSendsIsPacked() throws Exception {
    NodeId to = NodeId.parse(PK);
    try (RawPeer peer = connected()) {
      client.send(to, "HelloWorld", 5);
      assertThat(peer.receiveHex()).isEqualTo("04" + PK + "050048656c6c6f" + "0500576f726c64");
      client.send(to, "Hello World!", 0);
      assertThat(peer.receiveHex()).isEqualTo("04" + PK + "0c00" + "48656c6c6f20576f726c6421");
      peer.send("0c2a2a2a2a2a2a2a2a");
      assertThat(peer.receiveHex()).isEqualTo("0d2a2a2a2a2a2a2a2a");
    }
  }

  @Test
  void aBatchThatPackingMakesTooLongForOneFrameIsSentInSeveral() throws Exception {
    NodeId to = NodeId.parse(PK);
    try (RawPeer peer = connected()) {
      client.send(to, "x".repeat(60_000), 10);
      byte[] first = peer.receive();
      byte[] second = peer.receive();
      assertThat(first.length).isBetween(65_500 - 12, 65_536);
      assertThat(first.length - 33 + second.length - 33).isEqualTo(60_000 / 10 * 12);
      assertThat(second).startsWith(4).endsWith('x', 'x');
      assertThat(peer.lives("0c", "0d")).isTrue();
    }
  }

  @Test
  void whatItReceivesIsUnpacked() throws Exception {
    NodeId from = NodeId.parse(PK);
    try (RawPeer peer = connected()) {
      peer.send("05" + PK + HELLO_WORLD);
      assertThat(client.next()).isEqualTo(new TestClient.Received(from, "Hello", 0));
      assertThat(client.next()).isEqualTo(new TestClient.Received(from, "World!", 0));
      // Empty ones are skipped, and what does not fit is thrown away.
      peer.send("05" + PK + "0000" + "050048656c6c6f" + "0700576f726c6421");
      assertThat(client.next()).isEqualTo(new TestClient.Received(from, "Hello", 0));
      peer.send("08" + PK);
      Await.until("gone", SOON, () -> client.gone.contains(from));
      assertThat(client.received).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "06",
        "0e48656c6c6f3f20596573207468697320697320646f672e",
        "0f0000000a00000014",
        "0d2a2a2a2a2a2a2a2a",
        "05" + PK,
        "05" + PK + "00"
      })
  void whatItTolerates(String frame) throws Exception {
    try (RawPeer peer = connected()) {
      assertThat(peer.send(frame).lives("0c", "0d")).isTrue();
      assertThat(client.client.isConnected()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "02" + PK,
        "04" + PK + HELLO_WORLD,
        "0701",
        "00000102030405060708090a0b0c0d0e0f",
        "03",
        "09",
        "0a2a2a2a2a2a2a2a2a",
        "10",
        "0600",
        "05197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d",
        "08197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d",
        "0c2a2a2a2a2a2a2a",
        "0d2a2a2a2a2a2a2a",
        "0eff",
        "0f000000000000"
      })
  void whatItRejects(String frame) throws Exception {
    try (RawPeer peer = connected()) {
      assertThat(peer.send(frame).ends()).isTrue();
      RelayStatus status =
          client.client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
      assertThat(((RelayStatus.Reconnecting) status).kind()).isEqualTo(RelayFailure.PROTOCOL);
    }
  }

  @Test
  void aHealthTextIsShown() throws Exception {
    try (RawPeer peer = connected()) {
      peer.send("0e48656c6c6f3f20596573207468697320697320646f672e");
      RelayHealth health =
          client.client.health().awaitUntil(h -> h.kind() == RelayHealth.Kind.OTHER, SOON);
      assertThat(health.text()).isEqualTo("Hello? Yes this is dog.");
    }
  }

  /**
   * Relays of 0.35 leave Nagle's algorithm on and write header and payload one after the other, so
   * that each frame waits for an acknowledgement that systems like to delay by 40 ms.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aRelayThatWritesInTwoPiecesDoesNotWaitForAcknowledgements() throws Exception {
    try (RawPeer peer = connected()) {
      peer.socket.setTcpNoDelay(false);
      byte[] frame = RawPeer.HEX.parseHex("05" + PK + "050048656c6c6f");
      byte[] message = RawPeer.message(0x82, frame, false);
      long[] nanos = new long[60];
      for (int i = 0; i < nanos.length; i++) {
        long begin = System.nanoTime();
        peer.write(Arrays.copyOf(message, 2));
        peer.write(Arrays.copyOfRange(message, 2, message.length));
        assertThat(client.next().data()).isEqualTo("Hello");
        client.send(NodeId.parse(PK), "Hello", 0);
        assertThat(peer.receiveHex()).isEqualTo("04" + PK + "050048656c6c6f");
        nanos[i] = System.nanoTime() - begin;
      }
      Arrays.sort(nanos);
      assertThat(Duration.ofNanos(nanos[nanos.length / 2])).isLessThan(Duration.ofMillis(30));
    }
  }
}
