package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames that no proper client sends: what each does to its sender, and that nobody else notices.
 */
@Tag("attack")
class FrameAttackTest {
  /** An id that is valid and not connected. */
  private static final byte[] RECIPIENT = SecretKey.generate().nodeId().toBytes();

  private static final byte[] OFF_CURVE = id(0x02);
  private static final byte[] SMALL_ORDER = id(0x01);

  /** A small y of a point, written with one p too many. */
  private static final byte[] NON_CANONICAL = nonCanonical();

  private static final int LARGEST = 65_536;

  private static AttackedRelay attacked;

  @BeforeAll
  static void start() throws Exception {
    attacked = AttackedRelay.start();
  }

  @AfterAll
  static void nobodyHasNoticed() {
    attacked.close();
  }

  private static byte[] id(int first) {
    byte[] id = new byte[32];
    id[0] = (byte) first;
    return id;
  }

  private static byte[] nonCanonical() {
    byte[] y = new byte[32];
    Arrays.fill(y, (byte) 0xff);
    y[31] = 0x7f;
    for (int low = 0xed + 2; low <= 0xff; low++) {
      y[0] = (byte) low;
      try {
        return NodeId.ofBytes(y).toBytes();
      } catch (KeyParseException noPoint) {
        // the next one
      }
    }
    throw new AssertionError("none of the non-canonical encodings is a point");
  }

  /** A frame of {@code length} bytes in all: type, id, then zeros. */
  private static byte[] frame(int type, byte[] id, int length) {
    byte[] frame = new byte[length];
    frame[0] = (byte) type;
    System.arraycopy(id, 0, frame, 1, Math.max(0, Math.min(32, length - 1)));
    return frame;
  }

  private static byte[] batch(int segment, int data) {
    byte[] frame = frame(5, RECIPIENT, 36 + data);
    frame[34] = (byte) (segment >> 8);
    frame[35] = (byte) segment;
    return frame;
  }

  private static byte[] binary(byte[] frame) {
    return RawPeer.message(0x82, frame, true);
  }

  private static Arguments of(String what, byte[] bytes) {
    return Arguments.of(what, bytes);
  }

  private static Arguments frameOf(String what, byte[] frame) {
    return of(what, binary(frame));
  }

  static Stream<Arguments> ending() {
    byte[] ping = frame(9, id(0), 9);
    return Stream.of(
        frameOf("an empty message", new byte[0]),
        frameOf("a datagram of its type only", frame(4, RECIPIENT, 1)),
        frameOf("a datagram without its last header byte", frame(4, RECIPIENT, 33)),
        frameOf("a batch of its type only", frame(5, RECIPIENT, 1)),
        frameOf("a batch without its last header byte", frame(5, RECIPIENT, 35)),
        frameOf("a datagram of more than a frame may have", frame(4, RECIPIENT, LARGEST + 2)),
        frameOf("a batch of more than a frame may have", frame(5, RECIPIENT, LARGEST + 2)),
        frameOf("a ping one byte too short", frame(9, id(0), 8)),
        frameOf("a ping one byte too long", frame(9, id(0), 10)),
        frameOf("an empty ping", frame(9, id(0), 1)),
        frameOf("a pong one byte too short", frame(10, id(0), 8)),
        frameOf("a pong one byte too long", frame(10, id(0), 10)),
        frameOf("a second proof", frame(1, RECIPIENT, 98)),
        frameOf("a frame that only relays send", frame(6, RECIPIENT, 40)),
        frameOf("a batch that only relays send", frame(7, RECIPIENT, 40)),
        frameOf("news of a departure", frame(8, RECIPIENT, 33)),
        frameOf("health", frame(11, id('x'), 5)),
        frameOf("restarting", frame(12, id(0), 9)),
        frameOf("a status", frame(13, id(0), 2)),
        frameOf("a type that is unknown", frame(14, RECIPIENT, 40)),
        frameOf("a type of two bytes", frame(0x40, id(9), 10)),
        frameOf("a type of eight bytes", frame(0xff, id(0xff), 40)),
        frameOf("a destination off the curve", frame(4, OFF_CURVE, 40)),
        of("an unmasked message", RawPeer.message(0x82, ping, false)),
        of("a compressed message", RawPeer.message(0xc2, ping, true)),
        of("reserved bits", RawPeer.message(0xb2, ping, true)),
        of("an opcode that is unknown", RawPeer.message(0x83, ping, true)),
        of("a continuation of nothing", RawPeer.message(0x80, ping, true)),
        of("a WebSocket ping that is too long", RawPeer.message(0x89, new byte[126], true)),
        of("a WebSocket ping in pieces", RawPeer.message(0x09, ping, true)),
        of("a length of two exbibytes", RawPeer.HEX.parseHex("82ff200000000000000000000000")),
        of("a negative length", RawPeer.HEX.parseHex("82ffffffffffffffffff00000000")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ending")
  void endsTheConnection(String what, byte[] bytes) throws Exception {
    long before = attacked.metric("disconnects");
    try (RawPeer attacker = attacked.raw().authenticate(SecretKey.generate())) {
      assertThat(attacker.lives()).isTrue();
      assertThat(attacker.write(bytes).ends()).isTrue();
    }
    Await.until("counted", AttackedRelay.SOON, () -> attacked.metric("disconnects") == before + 1);
  }

  static Stream<Arguments> dropped() {
    return Stream.of(
        frameOf("an empty datagram", frame(4, RECIPIENT, 34)),
        frameOf("an empty batch", frame(5, RECIPIENT, 36)),
        frameOf("a datagram one byte too long to go out", frame(4, RECIPIENT, LARGEST + 1)),
        frameOf("a batch one byte too long to go out", frame(5, RECIPIENT, LARGEST + 1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dropped")
  void isDroppedAndCounted(String what, byte[] bytes) throws Exception {
    long before = attacked.metric("send_packets_dropped_malformed");
    try (RawPeer attacker = attacked.raw().authenticate(SecretKey.generate())) {
      assertThat(attacker.write(bytes).lives()).isTrue();
    }
    assertThat(attacked.metric("send_packets_dropped_malformed")).isEqualTo(before + 1);
  }

  static Stream<Arguments> harmless() {
    return Stream.of(
        frameOf("a datagram of the largest size", frame(4, RECIPIENT, LARGEST)),
        frameOf("a batch of the largest size", batch(1200, LARGEST - 36)),
        frameOf("a batch with segments of 0", batch(0, 100)),
        frameOf("a batch with a segment larger than its data", batch(65_535, 10)),
        frameOf("a batch with segments of 1", batch(1, LARGEST - 36)),
        frameOf("a destination of small order", frame(4, SMALL_ORDER, 40)),
        frameOf("a destination that is not canonical", frame(4, NON_CANONICAL, 40)),
        frameOf("a pong nobody asked for", frame(10, id(7), 9)),
        of("text", RawPeer.message(0x81, "hello".getBytes(), true)),
        of("a WebSocket ping", RawPeer.message(0x89, new byte[125], true)),
        of("a WebSocket pong", RawPeer.message(0x8a, new byte[125], true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("harmless")
  void leavesTheConnectionAsItWas(String what, byte[] bytes) throws Exception {
    try (RawPeer attacker = attacked.raw().authenticate(SecretKey.generate())) {
      attacker.write(bytes);
      assertThat(attacker.livesAfterWhateverComes()).isTrue();
    }
  }

  /** Every length of every type, with nothing but zeros or a known id in it. */
  @ParameterizedTest
  @EnumSource(WirePeer.Generation.class)
  void noLengthOfNoTypeReachesAnybodyElse(WirePeer.Generation generation) throws Exception {
    int[] lengths = {1, 2, 8, 9, 10, 32, 33, 34, 35, 36, 37, 97, 98, 99, 1000, 65_535, 65_536};
    for (int type = 0; type <= 16; type++) {
      for (int length : lengths) {
        try (WirePeer attacker =
            WirePeer.connected(attacked.relay.boundAddress(), generation, SecretKey.generate())) {
          attacker.send(RawPeer.HEX.formatHex(frame(type, RECIPIENT, length)));
        }
      }
    }
  }

  @Test
  void randomBytesReachNobodyElse() throws Exception {
    long seed = System.nanoTime();
    System.out.println("randomBytesReachNobodyElse: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[1 + random.nextInt(3000)];
      random.nextBytes(garbage);
      try (RawPeer attacker = attacked.raw()) {
        switch (i % 4) {
          case 0 -> attacker.write(garbage);
          case 1 -> attacker.upgrade("iroh-relay-v1");
          case 2 -> attacker.authenticate(SecretKey.generate());
          default -> {
            attacker.authenticate(SecretKey.generate());
            garbage = binary(garbage);
          }
        }
        attacker.write(garbage);
      } catch (IOException cut) {
        // It may be cut at once.
      }
    }
  }
}
