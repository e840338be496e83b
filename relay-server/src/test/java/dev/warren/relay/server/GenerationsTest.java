package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.wire.ClientInfo;
import dev.warren.relay.server.WirePeer.Generation;
import dev.warren.testlab.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of every generation on one port, byte by byte: relay-protocol parts B, C, F5 and F6. */
class GenerationsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final SecretKey KEY = key(0x2a);
  private static final SecretKey KEY7 = key(7);
  private static final String PK =
      "197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61";
  private static final String PK7 = KEY7.nodeId().toString();

  private RelayServer relay;

  private static SecretKey key(int b) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) b);
    return SecretKey.ofBytes(seed);
  }

  @BeforeEach
  void bind() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  @AfterEach
  void close() {
    relay.close();
  }

  private WirePeer peer(Generation generation) throws IOException {
    return new WirePeer(relay.boundAddress(), generation);
  }

  private WirePeer client(Generation generation, SecretKey key) throws IOException {
    return WirePeer.connected(relay.boundAddress(), generation, key);
  }

  static Stream<Arguments> pairs() {
    return Stream.of(Generation.values())
        .flatMap(a -> Stream.of(Generation.values()).map(b -> Arguments.of(a, b)));
  }

  static Stream<Generation> legacy() {
    return Stream.of(Generation.LEGACY_WEBSOCKET, Generation.LEGACY_NATIVE);
  }

  /** The length prefix of a packed datagram. */
  private static String packed(String datagram) {
    int n = datagram.length() / 2;
    return String.format("%02x%02x", n & 0xff, n >> 8) + datagram;
  }

  // ---- upgrade ----

  @Test
  void theLegacyUpgradesAreAnsweredAsTheyAreAsked() throws Exception {
    for (String path : new String[] {"/relay", "/derp", "/relay?x=y"}) {
      try (WirePeer websocket = peer(Generation.LEGACY_WEBSOCKET);
          WirePeer bare = peer(Generation.LEGACY_NATIVE)) {
        assertThat(websocket.upgrade(path).toLowerCase())
            .startsWith("http/1.1 101 ")
            .contains("\r\nupgrade: websocket\r\n")
            .contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n")
            .doesNotContain("sec-websocket-protocol");
        assertThat(bare.upgrade(path).toLowerCase())
            .startsWith("http/1.1 101 ")
            .contains("\r\nupgrade: iroh derp http\r\n")
            .doesNotContain("sec-websocket");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/derp,  websocket,      iroh-relay-v2",
    "/relay, websocket,      iroh-relay-v3",
    "/relay, Iroh derp http, ",
    "/relay, h2c,            ",
    "/relay, 'websocket, h2c', ",
  })
  void whatIsNoDialectIsABadRequest(String path, String upgrade, String protocol) throws Exception {
    try (WirePeer peer = peer(Generation.V2)) {
      String request =
          "GET "
              + path
              + " HTTP/1.1\r\nUpgrade: "
              + upgrade
              + "\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              + (protocol == null ? "" : "Sec-WebSocket-Protocol: " + protocol + "\r\n");
      assertThat(peer.ask(request + "\r\n")).startsWith("HTTP/1.1 400 ");
    }
  }

  @ParameterizedTest
  @MethodSource("legacy")
  void whereLegacyClientsAreNotServedTheyAreToldSo(Generation generation) throws Exception {
    try (RelayServer modern =
            RelayServer.builder().legacyClients(false).bind(SocketAddrs.parse("127.0.0.1:0"));
        WirePeer old = new WirePeer(modern.boundAddress(), generation);
        WirePeer peer = new WirePeer(modern.boundAddress(), Generation.V1)) {
      assertThat(old.upgrade("/relay")).startsWith("HTTP/1.1 400 ");
      assertThat(peer.upgrade("/relay")).startsWith("HTTP/1.1 101 ");
    }
  }

  // ---- handshake ----

  /** The bytes of section F5, as they are on the wire. */
  @Test
  void theNativeVectorsAreUnderstood() throws Exception {
    try (WirePeer peer = peer(Generation.LEGACY_NATIVE)) {
      peer.upgrade("/derp");
      peer.write(WirePeer.HEX.parseHex("020000006a"));
      peer.write(
          WirePeer.HEX.parseHex(
              "52454c4159f09f9491197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61"
                  + "88e77b22f292ab37435da8de0bc8cb84e288f4e73b3582a52731e9ff9865465c87e05e8d427df4"
                  + "22bb6e85e1c05f6f749837baa4a5c7eba3230d77569910430e03"));
      peer.write(WirePeer.HEX.parseHex("0c000000082a2a2a2a2a2a2a2a"));
      assertThat(WirePeer.HEX.formatHex(peer.receiveBytes(13)))
          .isEqualTo("0d000000082a2a2a2a2a2a2a2a");
      assertThat(relay.connected()).singleElement().matches(c -> c.node().equals(KEY.nodeId()));
      peer.write(WirePeer.HEX.parseHex("040000002f" + PK + "050048656c6c6f0600576f726c6421"));
      assertThat(WirePeer.HEX.formatHex(peer.receiveBytes(52)))
          .isEqualTo("050000002f" + PK + "050048656c6c6f0600576f726c6421");
    }
  }

  /** A legacy client does not wait: nothing would come. */
  @ParameterizedTest
  @MethodSource("legacy")
  void whatComesRightBehindTheProofIsForwarded(Generation generation) throws Exception {
    try (WirePeer reader = client(Generation.V2, KEY7);
        WirePeer peer = peer(generation)) {
      peer.upgrade("/relay");
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(peer.bytes(WirePeer.HEX.formatHex(ClientInfo.encode(KEY))));
      all.writeBytes(peer.bytes("0701"));
      all.writeBytes(peer.bytes("04" + PK7 + packed("aabb")));
      peer.write(all.toByteArray());
      assertThat(reader.receive()).isEqualTo("06" + PK + "00aabb");
    }
  }

  @ParameterizedTest
  @MethodSource("legacy")
  void aWrongProofEndsTheConnectionWithoutAWord(Generation generation) throws Exception {
    byte[] info = ClientInfo.encode(KEY);
    byte[] signature = info.clone();
    signature[60] ^= 1;
    byte[] magic = info.clone();
    magic[2] ^= 1;
    byte[] version = info.clone();
    System.arraycopy(KEY.sign(new byte[] {2}), 0, version, 42, 64);
    version[106] = 2;
    // The neutral element, which "signs" everything.
    byte[] small = info.clone();
    Arrays.fill(small, 10, 106, (byte) 0);
    small[10] = 1;
    small[42] = 1;
    for (byte[] wrong :
        new byte[][] {
          signature, magic, version, small, Arrays.copyOf(info, 106), {12, 1, 2}, {2}
        }) {
      try (WirePeer peer = peer(generation)) {
        peer.upgrade("/relay");
        peer.send(WirePeer.HEX.formatHex(wrong));
        assertThat(peer.endsSilently()).isTrue();
      }
    }
    assertThat(relay.metrics()).containsEntry("accepts", 0L).containsEntry("refused_signature", 7L);
  }

  /** Nothing large is kept for one who has proved nothing. */
  @ParameterizedTest
  @EnumSource
  void aStrangersFrameMayNotBeLarge(Generation generation) throws Exception {
    try (WirePeer peer = peer(generation)) {
      peer.upgrade(generation.path);
      if (!generation.isLegacy()) {
        peer.receive();
      }
      byte[] frame = peer.bytes("02" + "00".repeat(2000));
      peer.write(Arrays.copyOf(frame, 20));
      if (generation.isNative()) {
        assertThat(peer.endsSilently()).isTrue();
      } else {
        // Close, message too big.
        assertThat(peer.receiveBytes(4)).containsExactly(0x88, 2, 1009 >> 8, 1009 & 0xff);
        assertThat(peer.endsSilently()).isTrue();
      }
    }
  }

  // ---- datagrams ----

  private static String sent(Generation from, String to, String datagram) {
    return "04" + to + (from.isLegacy() ? packed(datagram) : "03" + datagram);
  }

  private static String received(Generation from, Generation to, String source, String datagram) {
    if (to.isLegacy()) {
      return "05" + source + packed(datagram);
    }
    return "06" + source + (from.isLegacy() ? "00" : "03") + datagram;
  }

  /** Around every length where a header of either side grows, so that none eats into another. */
  @ParameterizedTest
  @MethodSource("pairs")
  void aDatagramOfAnyLengthCrosses(Generation from, Generation to) throws Exception {
    Random random = new Random(1);
    try (WirePeer a = client(from, KEY);
        WirePeer b = client(to, KEY7)) {
      int[] lengths = {
        1, 2, 88, 89, 90, 91, 92, 93, 94, 95, 1200, 65_498, 65_499, 65_500, 65_501, 65_502
      };
      for (int n : lengths) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        String datagram = WirePeer.HEX.formatHex(bytes);
        a.send(sent(from, PK7, datagram));
        assertThat(b.receive()).as("%d bytes", n).isEqualTo(received(from, to, PK, datagram));
      }
      assertThat(a.lives() && b.lives()).isTrue();
      assertThat(relay.metrics())
          .containsEntry("send_packets_recv", (long) lengths.length)
          .containsEntry("send_packets_sent", (long) lengths.length)
          .containsEntry("send_packets_dropped", 0L);
    }
  }

  @ParameterizedTest
  @MethodSource("legacy")
  void aBatchReachesALegacyClientAsAPacket(Generation to) throws Exception {
    try (WirePeer a = client(Generation.V2, KEY);
        WirePeer b = client(to, KEY7)) {
      a.send("05" + PK7 + "030006" + "48656c6c6f20576f726c6421");
      assertThat(b.receive()).isEqualTo("05" + PK + "060048656c6c6f200600576f726c6421");
      // The last may be shorter; a segment larger than all is a single datagram, and so is 0.
      a.send("05" + PK7 + "000002" + "aabbcc");
      assertThat(b.receive()).isEqualTo("05" + PK + "0200aabb0100cc");
      a.send("05" + PK7 + "00ffff" + "aabbcc");
      assertThat(b.receive()).isEqualTo("05" + PK + "0300aabbcc");
      a.send("05" + PK7 + "000000" + "aabbcc");
      assertThat(b.receive()).isEqualTo("05" + PK + "0300aabbcc");
    }
  }

  @Test
  void aBatchWithoutASegmentSizeIsASingleDatagram() throws Exception {
    try (WirePeer a = client(Generation.V1, KEY);
        WirePeer b = client(Generation.V2, KEY7)) {
      a.send("05" + PK7 + "020000" + "aabbcc");
      assertThat(b.receive()).isEqualTo("06" + PK + "02aabbcc");
    }
  }

  /** 65,500 segments of one byte need three packets of at most 65,504 bytes. */
  @Test
  void aBatchOfTheSmallestSegmentsBecomesAsManyPacketsAsItNeeds() throws Exception {
    try (WirePeer a = client(Generation.V2, KEY);
        WirePeer b = client(Generation.LEGACY_NATIVE, KEY7)) {
      a.send("05" + PK7 + "000001" + "ab".repeat(65_500));
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 3; i++) {
        String frame = b.receive();
        assertThat(frame).startsWith("05" + PK);
        assertThat(frame.length() / 2 - 33).isLessThanOrEqualTo(65_504);
        all.append(frame.substring(66));
      }
      assertThat(all.toString()).isEqualTo("0100ab".repeat(65_500));
      assertThat(b.lives()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("legacy")
  void aPacketReachesAModernClientAsWhatItHolds(Generation from) throws Exception {
    try (WirePeer a = client(from, KEY);
        WirePeer b = client(Generation.V2, KEY7)) {
      // The longer one is last: no legal batch.
      a.send("04" + PK7 + "050048656c6c6f0600576f726c6421");
      assertThat(b.receive()).isEqualTo("06" + PK + "0048656c6c6f");
      assertThat(b.receive()).isEqualTo("06" + PK + "00576f726c6421");
      // Alike, and a shorter one behind: a batch. Empty ones are skipped.
      a.send("04" + PK7 + packed("aabb") + packed("ccdd") + packed("ee"));
      assertThat(b.receive()).isEqualTo("07" + PK + "000002aabbccddee");
      a.send("04" + PK7 + packed("") + packed("aa") + packed(""));
      assertThat(b.receive()).isEqualTo("06" + PK + "00aa");
      // As far as it can be read.
      a.send("04" + PK7 + packed("aabb") + "0500cc");
      assertThat(b.receive()).isEqualTo("06" + PK + "00aabb");
      a.send("04" + PK7 + packed("aabb") + packed("ccdd") + "ff");
      assertThat(b.receive()).isEqualTo("07" + PK + "000002aabbccdd");
      for (String nothing : new String[] {"", "00", "0000", "ffff", "0500aa"}) {
        a.send("04" + PK7 + nothing);
      }
      assertThat(a.lives() && b.lives()).isTrue();
    }
  }

  /** Two of the longest that a packet holds do not fit into one batch. */
  @Test
  void whatIsTooMuchForABatchBecomesSeveral() throws Exception {
    try (WirePeer a = client(Generation.LEGACY_NATIVE, KEY);
        WirePeer b = client(Generation.V2, KEY7)) {
      String half = "ab".repeat(32_766);
      a.send("04" + PK7 + packed(half) + packed(half));
      assertThat(b.receive()).isEqualTo("06" + PK + "00" + half);
      assertThat(b.receive()).isEqualTo("06" + PK + "00" + half);
      // Longer than any datagram of the other generation.
      a.send("04" + PK7 + packed("ab".repeat(65_503)));
      assertThat(a.lives() && b.lives()).isTrue();
      Await.until(
          "it is counted", SOON, () -> relay.metrics().get("send_packets_dropped_malformed") == 1);
    }
  }

  /** Lengths that go up and down would make twenty thousand frames of one packet. */
  @Test
  void onePacketBecomesNoFloodOfFrames() throws Exception {
    try (WirePeer a = client(Generation.LEGACY_NATIVE, KEY);
        WirePeer b = client(Generation.V2, KEY7)) {
      a.send("04" + PK7 + (packed("aa") + packed("bbcc")).repeat(9000));
      assertThat(a.lives()).isTrue();
      int frames = 0;
      String pong = "0a0102030405060708";
      b.send("090102030405060708");
      for (String next = b.receive(); !next.equals(pong); next = b.receive()) {
        frames++;
      }
      assertThat(frames).isBetween(1, 512);
      assertThat(relay.metrics().get("send_packets_dropped_malformed")).isGreaterThan(8000);
    }
  }

  /** No implementation does it, but a proxy of WebSockets may. */
  @ParameterizedTest
  @EnumSource
  void aFragmentedFrameIsForwardedAsAWholeOne(Generation to) throws Exception {
    try (WirePeer a = client(Generation.V2, KEY);
        WirePeer b = client(to, KEY7)) {
      for (int n : new int[] {1, 91, 92, 1200, 65_502}) {
        byte[] frame = WirePeer.HEX.parseHex(sent(Generation.V2, PK7, "ab".repeat(n)));
        int cut = frame.length / 3;
        a.write(RawPeer.message(0x02, Arrays.copyOf(frame, cut), true));
        a.write(RawPeer.message(0x00, Arrays.copyOfRange(frame, cut, 2 * cut), true));
        a.write(RawPeer.message(0x80, Arrays.copyOfRange(frame, 2 * cut, frame.length), true));
        assertThat(b.receive()).isEqualTo(received(Generation.V2, to, PK, "ab".repeat(n)));
      }
      assertThat(a.lives()).isTrue();
    }
  }

  // ---- the rest of the frames ----

  @ParameterizedTest
  @MethodSource("legacy")
  void whatALegacyClientMaySayIsTaken(Generation generation) throws Exception {
    try (WirePeer peer = client(generation, KEY)) {
      // Home or not; and what is known but nothing for a client to say is ignored.
      for (String frame :
          new String[] {"0701", "0700", "06", "08" + PK, "0f0000000a00000014", "05" + PK, "0203"}) {
        assertThat(peer.send(frame).lives()).as(frame).isTrue();
      }
      assertThat(relay.metrics()).containsEntry("unknown_frames", 5L);
    }
  }

  static Stream<Arguments> broken() {
    return legacy()
        .flatMap(
            g ->
                Stream.of(
                        "04",
                        "04aa",
                        "04" + PK.substring(2),
                        "0600",
                        "07",
                        "0702",
                        "070100",
                        "08aa",
                        "0c",
                        "0c2a2a2a2a2a2a2a",
                        "0c2a2a2a2a2a2a2a2a2a",
                        "0d2a",
                        "0f00",
                        "05aa",
                        "0e48656c6c6f",
                        "00",
                        "01",
                        "03",
                        "09",
                        "0a",
                        "0b",
                        "10",
                        "ff",
                        // Not a point of the curve.
                        "0402" + "00".repeat(31) + "0100aa")
                    .map(f -> Arguments.of(g, f)));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void whatALegacyClientMayNotSayEndsIt(Generation generation, String frame) throws Exception {
    try (WirePeer peer = client(generation, KEY);
        WirePeer other = client(Generation.V2, KEY7)) {
      assertThat(peer.send(frame).endsSilently()).isTrue();
      assertThat(other.lives()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {65_536 + 32 + 1, 1 << 20, Integer.MAX_VALUE, 0xffffffffL})
  void aNativeFrameThatAnnouncesTooMuchIsNotWaitedFor(long length) throws Exception {
    try (WirePeer peer = client(Generation.LEGACY_NATIVE, KEY)) {
      byte[] header = {4, (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), 0};
      header[4] = (byte) length;
      assertThat(peer.write(header).endsSilently()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aDepartureIsToldInEveryDialect(Generation leaving, Generation staying) throws Exception {
    try (WirePeer b = client(staying, KEY7)) {
      WirePeer a = client(leaving, KEY);
      a.send(sent(leaving, PK7, "aabb"));
      b.receive();
      a.close();
      assertThat(b.receive()).isEqualTo("08" + PK);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "V2, 0d01, 0d00",
    "V1, 0b616e6f74686572, 0b616374697665",
    "LEGACY_WEBSOCKET, 0e616e6f74686572, 0e616374697665",
    "LEGACY_NATIVE, 0e616e6f74686572, 0e616374697665"
  })
  void whoIsReplacedIsToldInItsDialectAndComesBack(
      Generation generation, String replaced, String back) throws Exception {
    try (WirePeer first = client(generation, KEY)) {
      for (Generation other : Generation.values()) {
        try (WirePeer second = client(other, KEY)) {
          assertThat(first.receive()).startsWith(replaced);
          // It may still send, and the other one gets it.
          first.send(sent(generation, PK, "aabb"));
          assertThat(second.receive()).isEqualTo(received(generation, other, PK, "aabb"));
        }
        assertThat(first.receive()).startsWith(back);
      }
      assertThat(relay.metrics())
          .containsEntry("clients_inactive_added", 4L)
          .containsEntry("clients_inactive_removed", 4L);
    }
  }

  @Test
  void theListOfClientsSaysWhoIsThere() throws Exception {
    try (WirePeer a = client(Generation.LEGACY_NATIVE, KEY);
        WirePeer b = client(Generation.V2, KEY7)) {
      a.send("04" + PK7 + packed("aabbcc"));
      b.receive();
      assertThat(relay.connected())
          .hasSize(2)
          .anySatisfy(
              c -> {
                assertThat(c.node()).isEqualTo(KEY.nodeId());
                assertThat(c.dialect()).isEqualTo("iroh derp http");
                assertThat(c.bytesReceived()).isEqualTo(5);
                assertThat(c.active()).isTrue();
              })
          .anySatisfy(
              c -> {
                assertThat(c.node()).isEqualTo(KEY7.nodeId());
                assertThat(c.dialect()).isEqualTo("iroh-relay-v2");
                assertThat(c.bytesSent()).isEqualTo(3);
                assertThat(c.remote().getAddress().isLoopbackAddress()).isTrue();
              });
    }
    Await.until("nobody", SOON, () -> relay.connected().isEmpty());
    assertThat(relay.metrics())
        .containsEntry("accepts_legacy_native", 1L)
        .containsEntry("disconnects_legacy_native", 1L)
        .containsEntry("accepts_modern_v2", 1L)
        .containsEntry("unique_client_keys", 2L)
        .containsEntry("clients", 0L);
  }
}
