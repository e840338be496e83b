package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay on loopback, its clients, and those who only claim to be clients. */
class RelayServerTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private RelayServer relay;

  @BeforeEach
  void bind() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  @AfterEach
  void close() {
    relay.close();
  }

  private long metric(String name) {
    return relay.metrics().get(name);
  }

  private RawPeer raw() throws IOException {
    return RawPeer.connect(relay.boundAddress());
  }

  // ---- proper clients ----

  @Test
  void datagramsAndBatchesCross() throws Exception {
    try (TestClient a = TestClient.connected(relay);
        TestClient b = TestClient.connected(relay)) {
      a.send(b.id(), "one", 0);
      assertThat(b.next()).isEqualTo(new TestClient.Received(a.id(), "one", 0));
      b.send(a.id(), "aaaabbbbcc", 4);
      assertThat(a.next()).isEqualTo(new TestClient.Received(b.id(), "aaaabbbbcc", 4));
      // What fits one segment is no batch.
      b.send(a.id(), "dddd", 4);
      assertThat(a.next()).isEqualTo(new TestClient.Received(b.id(), "dddd", 0));
      a.send(a.id(), "self", 0);
      assertThat(a.next()).isEqualTo(new TestClient.Received(a.id(), "self", 0));
      assertThat(metric("send_packets_sent")).isEqualTo(4);
      assertThat(metric("bytes_sent")).isEqualTo(3 + 10 + 4 + 4);
      assertThat(relay.clients()).isEqualTo(2);
    }
    Await.until("nobody", SOON, () -> relay.clients() == 0);
  }

  @Test
  void orderIsKept() throws Exception {
    try (TestClient a = TestClient.connected(relay);
        TestClient b = TestClient.connected(relay)) {
      for (int i = 0; i < 400; i++) {
        a.send(b.id(), "n" + i, 0);
      }
      for (int i = 0; i < 400; i++) {
        assertThat(b.next().data()).isEqualTo("n" + i);
      }
    }
  }

  @Test
  void anUnknownDestinationIsCountedAndHurtsNobody() throws Exception {
    try (TestClient a = TestClient.connected(relay);
        TestClient b = TestClient.connected(relay)) {
      a.send(SecretKey.generate().nodeId(), "lost", 0);
      a.send(b.id(), "found", 0);
      assertThat(b.next().data()).isEqualTo("found");
      assertThat(metric("send_packets_dropped")).isEqualTo(1);
      assertThat(metric("send_packets_sent")).isEqualTo(1);
    }
  }

  @Test
  void theNewerOfTwoClientsWithOneKeyGetsTheDatagrams() throws Exception {
    SecretKey key = SecretKey.generate();
    try (TestClient sender = TestClient.connected(relay);
        TestClient older = new TestClient(relay.url(), key, null).online()) {
      try (TestClient newer = new TestClient(relay.url(), key, null).online()) {
        Await.until("both", SOON, () -> metric("accepts") == 3);
        sender.send(key.nodeId(), "to the newer", 0);
        assertThat(newer.next().data()).isEqualTo("to the newer");
        assertThat(older.received).isEmpty();
        // Being replaced is no reason to reconnect: they would chase each other for ever.
        older.send(sender.id(), "still here", 0);
        assertThat(sender.next().data()).isEqualTo("still here");
        assertThat(metric("disconnects")).isZero();
      }
      Await.until("the newer is gone", SOON, () -> metric("disconnects") == 1);
      sender.send(key.nodeId(), "to the older", 0);
      assertThat(older.next().data()).isEqualTo("to the older");
      assertThat(sender.gone).isEmpty();
    }
  }

  @Test
  void clientsLearnThatAPeerHasLeft() throws Exception {
    try (TestClient a = TestClient.connected(relay)) {
      TestClient b = TestClient.connected(relay);
      b.send(a.id(), "hello", 0);
      assertThat(a.next().data()).isEqualTo("hello");
      b.close();
      Await.until("the news", SOON, () -> a.gone.equals(List.of(b.id())));
    }
  }

  // ---- upgrade ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iroh-relay-v2, iroh-relay-v1",
        "iroh-relay-v1,iroh-relay-v2",
        "something-else, iroh-relay-v2"
      })
  void theHighestVersionIsChosenWhateverTheOrder(String offered) throws Exception {
    try (RawPeer peer = raw()) {
      assertThat(peer.upgrade(offered))
          .startsWith("HTTP/1.1 101 ")
          .contains("sec-websocket-protocol: iroh-relay-v2\r\n")
          .contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
      assertThat(peer.receive()).hasSize(17).startsWith(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Upgrade: websocket\r\n|",
        "Upgrade: websocket|Upgrade: WebSocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n|",
        "Sec-WebSocket-Version: 13\r\n|",
        "Sec-WebSocket-Version: 13|Sec-WebSocket-Version: 12",
        "iroh-relay-v2|iroh-relay-v9",
        "iroh-relay-v2|IROH-RELAY-V2"
      })
  void aMalformedUpgradeIsABadRequest(String change) throws Exception {
    String[] parts = change.split("\\|", 2);
    try (RawPeer peer = raw()) {
      peer.write(RawPeer.request("iroh-relay-v2").replace(parts[0], parts[1]).getBytes(US_ASCII));
      assertThat(peer.head()).startsWith("HTTP/1.1 400 ");
      assertThat(peer.ends()).isTrue();
    }
  }

  @Test
  void aHeadThatNeverEndsIsNotCollectedForEver() throws Exception {
    try (RawPeer peer = raw()) {
      peer.write("GET /relay HTTP/1.1\r\n".getBytes(US_ASCII));
      byte[] line = ("X: " + "x".repeat(1000) + "\r\n").getBytes(US_ASCII);
      boolean ended = false;
      for (int i = 0; i < 1000 && !ended; i++) {
        try {
          peer.write(line);
        } catch (SocketException reset) {
          ended = true;
        }
      }
      assertThat(peer.ends()).isTrue();
    }
  }

  // ---- handshake ----

  @Test
  void aWrongSignatureIsRefusedWithAReason() throws Exception {
    SecretKey key = SecretKey.generate();
    try (RawPeer other = raw().authenticate(SecretKey.generate());
        RawPeer peer = raw()) {
      peer.upgrade("iroh-relay-v2");
      byte[] challenge = Arrays.copyOfRange(peer.receive(), 1, 17);
      byte[] auth = Handshake.clientAuth(key, challenge);
      auth[50] ^= 1;
      assertThat(peer.send(auth).receiveHex()).isEqualTo("03117369676e617475726520696e76616c6964");
      assertThat(peer.ends()).isTrue();
      assertThat(relay.clients()).isEqualTo(1);
      assertThat(metric("refused_signature")).isEqualTo(1);
      assertThat(other.lives()).isTrue();
    }
  }

  @Test
  void aSignatureOfAnotherConnectionIsWorthNothing() throws Exception {
    SecretKey key = SecretKey.generate();
    try (RawPeer first = raw();
        RawPeer second = raw()) {
      first.upgrade("iroh-relay-v2");
      second.upgrade("iroh-relay-v2");
      byte[] challenge = Arrays.copyOfRange(first.receive(), 1, 17);
      second.receive();
      second.send(Handshake.clientAuth(key, challenge));
      assertThat(second.receive()[0]).isEqualTo((byte) 3);
      assertThat(second.ends()).isTrue();
    }
  }

  /** The neutral element verifies some signatures of everything: nobody may have it as an id. */
  @Test
  void aKeyOfSmallOrderIsRefused() throws Exception {
    byte[] auth = new byte[98];
    auth[0] = 1;
    auth[1] = 1;
    auth[33] = 64;
    auth[34] = 1;
    try (RawPeer peer = raw()) {
      peer.upgrade("iroh-relay-v2");
      peer.receive();
      assertThat(peer.send(auth).receive()[0]).isEqualTo((byte) 3);
      assertThat(peer.ends()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"04", "092a2a2a2a2a2a2a2a", "01", "02", "00"})
  void nothingButAProofIsTakenBeforeIt(String frame) throws Exception {
    try (RawPeer peer = raw()) {
      peer.upgrade("iroh-relay-v2");
      peer.receive();
      assertThat(peer.send(frame).ends()).isTrue();
      assertThat(relay.clients()).isZero();
    }
  }

  @Test
  void aProofAfterAWrongOneComesTooLate() throws Exception {
    SecretKey key = SecretKey.generate();
    try (RawPeer peer = raw()) {
      peer.upgrade("iroh-relay-v2");
      byte[] right = Handshake.clientAuth(key, Arrays.copyOfRange(peer.receive(), 1, 17));
      byte[] wrong = right.clone();
      wrong[60] ^= 1;
      byte[] first = RawPeer.message(0x82, wrong, true);
      byte[] second = RawPeer.message(0x82, right, true);
      byte[] both = Arrays.copyOf(first, first.length + second.length);
      System.arraycopy(second, 0, both, first.length, second.length);
      assertThat(peer.write(both).receive()[0]).isEqualTo((byte) 3);
      assertThat(peer.ends()).isTrue();
      assertThat(metric("accepts")).isZero();
    }
  }

  // ---- after the upgrade ----

  @Test
  void garbageAfterTheUpgradeEndsOnlyItsOwnConnection() throws Exception {
    long seed = System.nanoTime();
    System.out.println("garbageAfterTheUpgradeEndsOnlyItsOwnConnection: seed " + seed);
    Random random = new Random(seed);
    try (TestClient a = TestClient.connected(relay);
        TestClient b = TestClient.connected(relay)) {
      for (int i = 0; i < 60; i++) {
        try (RawPeer peer = raw()) {
          if (i % 2 == 0) {
            peer.authenticate(SecretKey.generate());
          } else {
            peer.upgrade("iroh-relay-v2, iroh-relay-v1");
          }
          byte[] garbage = new byte[1 + random.nextInt(4000)];
          random.nextBytes(garbage);
          if (i % 3 == 0) {
            garbage = RawPeer.message(0x82, garbage, true);
          }
          peer.write(garbage);
        }
      }
      a.send(b.id(), "unharmed", 0);
      assertThat(b.next().data()).isEqualTo("unharmed");
      Await.until("only the two", SOON, () -> relay.clients() == 2);
    }
  }

  @Test
  void unmaskedExtendedAndEmptyMessagesEndTheConnection() throws Exception {
    byte[] ping = HexFormat.of().parseHex("092a2a2a2a2a2a2a2a");
    List<byte[]> bad =
        List.of(
            RawPeer.message(0x82, ping, false),
            RawPeer.message(0xc2, ping, true),
            RawPeer.message(0x02, ping, false),
            RawPeer.message(0x80, ping, true),
            RawPeer.message(0x82, new byte[0], true));
    for (byte[] message : bad) {
      try (RawPeer peer = raw().authenticate(SecretKey.generate())) {
        assertThat(peer.write(message).ends()).isTrue();
      }
    }
  }

  @Test
  void textIsSkippedAndCloseCloses() throws Exception {
    try (RawPeer peer = raw().authenticate(SecretKey.generate())) {
      peer.write(RawPeer.message(0x81, "hello".getBytes(US_ASCII), true));
      assertThat(peer.lives()).isTrue();
      assertThat(peer.write(RawPeer.message(0x88, new byte[] {3, (byte) 232}, true)).ends())
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {(1 << 16) + 2, Integer.MAX_VALUE, 1L << 40, -1})
  void aMessageThatAnnouncesTooMuchIsNotWaitedFor(long length) throws Exception {
    try (RawPeer peer = raw().authenticate(SecretKey.generate())) {
      byte[] header =
          ByteBuffer.allocate(14).put((byte) 0x82).put((byte) 0xff).putLong(length).array();
      assertThat(peer.write(header).ends()).isTrue();
    }
  }

  @Test
  void bytesOneByOneAreAsGoodAsInOnePiece() throws Exception {
    try (RawPeer peer = raw()) {
      for (byte b : RawPeer.request("iroh-relay-v2").getBytes(US_ASCII)) {
        peer.write(new byte[] {b});
      }
      peer.head();
      SecretKey key = SecretKey.generate();
      byte[] auth = Handshake.clientAuth(key, Arrays.copyOfRange(peer.receive(), 1, 17));
      for (byte b : RawPeer.message(0x82, auth, true)) {
        peer.write(new byte[] {b});
      }
      assertThat(peer.receiveHex()).isEqualTo("02");
      assertThat(peer.lives()).isTrue();
    }
  }

  // ---- end ----

  @Test
  void closingIsBoundedEndsEveryConnectionAndLeavesNoThread() throws Exception {
    List<Thread> before = relayThreads();
    RelayServer own = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    List<RawPeer> peers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RawPeer peer = RawPeer.connect(own.boundAddress());
      peers.add(i % 3 == 0 ? peer : peer.authenticate(SecretKey.generate()));
    }
    assertThat(relayThreads()).hasSizeGreaterThan(before.size());
    long start = System.nanoTime();
    own.close();
    own.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    for (RawPeer peer : peers) {
      assertThat(peer.ends()).isTrue();
      peer.close();
    }
    Await.until("no thread", SOON, () -> before.containsAll(relayThreads()));
    // The port is free again at once.
    RelayServer.builder().bind(own.boundAddress()).close();
  }

  private static List<Thread> relayThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("warren-relay"))
        .toList();
  }

  @Test
  void closingWhileClientsSendLosesNoBuffer() throws Exception {
    RelayServer own = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    SecretKey key = SecretKey.generate();
    try (RawPeer deaf = RawPeer.connect(own.boundAddress(), 4096).authenticate(key);
        RawPeer sender = RawPeer.connect(own.boundAddress()).authenticate(SecretKey.generate())) {
      byte[] frame = SlowReaderTest.frame(key.nodeId(), 1000);
      byte[] message = RawPeer.message(0x82, frame, true);
      Thread flood =
          new Thread(
              () -> {
                try {
                  for (; ; ) {
                    sender.write(message);
                  }
                } catch (IOException closed) {
                  // as expected
                }
              });
      flood.start();
      Await.until(
          "a full queue", SOON, () -> own.metrics().get("send_packets_dropped_queue_full") > 0);
      own.close();
      flood.join(5000);
      assertThat(flood.isAlive()).isFalse();
      assertThat(deaf.ends()).isTrue();
    } finally {
      own.close();
    }
  }

  @Test
  void aTakenPortIsAnErrorThatSaysSo() {
    assertThatThrownBy(() -> RelayServer.builder().bind(relay.boundAddress()))
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining(SocketAddrs.toString(relay.boundAddress()));
  }

  @Test
  void manyWhoNeverAuthenticateAreSentAwayAndStopNobody() throws Exception {
    List<RawPeer> idlers = new ArrayList<>();
    try (TestClient a = TestClient.connected(relay);
        TestClient b = TestClient.connected(relay)) {
      long start = System.nanoTime();
      for (int i = 0; i < 200; i++) {
        RawPeer idler = raw();
        idler.upgrade("iroh-relay-v2");
        idlers.add(idler);
      }
      a.send(b.id(), "through the crowd", 0);
      assertThat(b.next().data()).isEqualTo("through the crowd");
      Await.until("all sent away", Duration.ofSeconds(20), () -> metric("refused_timeout") == 200);
      for (RawPeer idler : idlers) {
        assertThat(idler.ends()).isTrue();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(9));
      assertThat(relay.clients()).isEqualTo(2);
    } finally {
      for (RawPeer idler : idlers) {
        idler.close();
      }
    }
  }
}
