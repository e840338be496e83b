package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay and the vectors of relay-protocol section F1, on the wire. */
class FrameVectorsTest {
  private static final SecretKey KEY = key(0x2a);
  private static final SecretKey KEY7 = key(7);
  private static final String PK =
      "197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61";
  private static final String HELLO = "48656c6c6f20576f726c6421";

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

  private RawPeer client(SecretKey key) throws Exception {
    return RawPeer.connect(relay.boundAddress()).authenticate(key);
  }

  /** A client that sends to itself turns the vectors of one direction into those of the other. */
  @ParameterizedTest
  @CsvSource({
    "04" + PK + "03" + HELLO + ", 06" + PK + "03" + HELLO,
    "04" + PK + "00" + HELLO + ", 06" + PK + "00" + HELLO,
    "05" + PK + "030006" + HELLO + ", 07" + PK + "030006" + HELLO,
    "092a2a2a2a2a2a2a2a, 0a2a2a2a2a2a2a2a2a",
    // A segment size above the length is no error, and the batch stays what it is.
    "05" + PK + "01ffff" + HELLO + ", 07" + PK + "01ffff" + HELLO,
  })
  void framesAndTheirAnswers(String sent, String answer) throws Exception {
    try (RawPeer self = client(KEY)) {
      assertThat(self.send(sent).receiveHex()).isEqualTo(answer);
    }
  }

  @Test
  void theSourceIsTheSenderWhateverTheFrameSays() throws Exception {
    try (RawPeer self = client(KEY);
        RawPeer other = client(KEY7)) {
      other.send("04" + PK + "02" + HELLO);
      assertThat(self.receiveHex()).isEqualTo("06" + KEY7.nodeId() + "02" + HELLO);
    }
  }

  @Test
  void aSecondConnectionTakesOverAndTheFirstComesBackWhenItEnds() throws Exception {
    try (RawPeer first = client(KEY)) {
      RawPeer second = client(KEY);
      assertThat(first.receiveHex()).isEqualTo("0d01");
      // The first still sends and is answered, the second gets what is sent to the id.
      first.send("04" + PK + "00" + HELLO);
      assertThat(second.receiveHex()).isEqualTo("06" + PK + "00" + HELLO);
      assertThat(first.lives()).isTrue();
      try (RawPeer third = client(KEY)) {
        assertThat(second.receiveHex()).isEqualTo("0d01");
        assertThat(relay.clients()).isEqualTo(1);
        second.close();
        first.send("04" + PK + "00" + HELLO);
        assertThat(third.receiveHex()).isEqualTo("06" + PK + "00" + HELLO);
      }
      assertThat(first.receiveHex()).isEqualTo("0d00");
      first.send("04" + PK + "00" + HELLO);
      assertThat(first.receiveHex()).isEqualTo("06" + PK + "00" + HELLO);
    }
  }

  @Test
  void inVersion1TheSameIsSaidInWords() throws Exception {
    try (RawPeer first = RawPeer.connect(relay.boundAddress()).authenticate(KEY, "iroh-relay-v1")) {
      RawPeer second = client(KEY);
      byte[] replaced = first.receive();
      assertThat(replaced[0]).isEqualTo((byte) 11);
      assertThat(new String(replaced, 1, replaced.length - 1, UTF_8)).contains("another");
      second.close();
      assertThat(first.receive()[0]).isEqualTo((byte) 11);
    }
  }

  @Test
  void aDepartureIsToldToThoseWhoWereSentTo() throws Exception {
    try (RawPeer reached = client(KEY7);
        RawPeer stranger = client(key(9))) {
      RawPeer leaving = client(KEY);
      RawPeer alsoLeaving = client(KEY);
      leaving.send("04" + KEY7.nodeId() + "00" + HELLO);
      assertThat(reached.receiveHex()).isEqualTo("06" + PK + "00" + HELLO);
      leaving.close();
      assertThat(reached.lives()).isTrue();
      // Only the last connection of an id counts.
      alsoLeaving.close();
      assertThat(reached.receiveHex()).isEqualTo("08" + PK);
      stranger.send("092a2a2a2a2a2a2a2a");
      assertThat(stranger.receiveHex()).isEqualTo("0a2a2a2a2a2a2a2a2a");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "04",
        "05",
        "04197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d",
        "04" + PK,
        "05" + PK + "0300",
        "092a2a2a2a2a2a2a",
        "092a2a2a2a2a2a2a2a2a",
        "0a2a2a2a2a2a2a2a",
        "08197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d",
        "0c000000000000",
        "0d",
        "0e",
        "00000102030405060708090a0b0c0d0e0f",
        "02",
        // What only a relay may say.
        "06" + PK + "03" + HELLO,
        "07" + PK + "030006" + HELLO,
        "08" + PK,
        "0b48656c6c6f",
        "0c0000000a00000014",
        "0d00",
        // Not a point of the curve.
        "040200000000000000000000000000000000000000000000000000000000000000" + "00" + HELLO,
      })
  void whatMustBeRejectedEndsTheConnection(String frame) throws Exception {
    try (RawPeer self = client(KEY);
        RawPeer other = client(KEY7)) {
      assertThat(self.send(frame).ends()).isTrue();
      assertThat(other.lives()).isTrue();
    }
  }

  /** What follows a violation in the same segment is not acted upon. */
  @Test
  void nothingIsForwardedAfterAViolation() throws Exception {
    try (RawPeer self = client(KEY);
        RawPeer other = client(KEY7)) {
      byte[] bad = RawPeer.message(0x82, HexFormat.of().parseHex("0e"), true);
      byte[] good =
          RawPeer.message(0x82, HexFormat.of().parseHex("04" + KEY7.nodeId() + "00" + HELLO), true);
      byte[] both = Arrays.copyOf(bad, bad.length + good.length);
      System.arraycopy(good, 0, both, bad.length, good.length);
      assertThat(self.write(both).ends()).isTrue();
      other.send("092a2a2a2a2a2a2a2a");
      assertThat(other.receiveHex()).isEqualTo("0a2a2a2a2a2a2a2a2a");
    }
  }

  private static byte[] frame(int type, int headerLength, int payload) {
    byte[] frame = new byte[headerLength + payload];
    frame[0] = (byte) type;
    System.arraycopy(KEY.nodeId().toBytes(), 0, frame, 1, 32);
    if (type == 5) {
      frame[34] = 4;
      frame[35] = (byte) 0xb0;
    }
    return frame;
  }

  @Test
  void theLargestFramesPassAndLargerOnesAreDroppedBeforeTheyHurtTheRecipient() throws Exception {
    try (RawPeer self = client(KEY)) {
      assertThat(self.send(frame(4, 34, 65_502)).receive()).hasSize(65_536);
      assertThat(self.send(frame(5, 36, 65_500)).receive()).hasSize(65_536);
      self.send(frame(4, 34, 65_503));
      self.send(frame(5, 36, 65_501));
      self.send(frame(4, 34, 0));
      self.send(frame(5, 36, 0));
      assertThat(self.send("092a2a2a2a2a2a2a2a").receiveHex()).isEqualTo("0a2a2a2a2a2a2a2a2a");
      assertThat(relay.metrics())
          .containsEntry("send_packets_dropped_malformed", 4L)
          .containsEntry("send_packets_sent", 2L)
          .containsEntry("bytes_sent", 65_502L + 65_500L);
    }
  }

  @Test
  void aFrameBeyondTheDecodingLimitEndsTheConnection() throws Exception {
    try (RawPeer self = client(KEY)) {
      assertThat(self.send(frame(4, 34, 65_504)).ends()).isTrue();
    }
  }

  @Test
  void lengthsOfEveryHeaderFormAreForwardedWhole() throws Exception {
    try (RawPeer self = client(KEY)) {
      // Around the borders where a WebSocket header changes its length.
      for (int n : new int[] {1, 90, 91, 92, 93, 94, 1200, 65_500, 65_501, 65_502}) {
        byte[] sent = frame(4, 34, n);
        for (int i = 34; i < sent.length; i++) {
          sent[i] = (byte) (i * 31);
        }
        byte[] expected = sent.clone();
        expected[0] = 6;
        assertThat(self.send(sent).receive()).isEqualTo(expected);
      }
    }
  }
}
