package dev.warren.relay.client.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What relays of each generation may send us, and what we pack for the old ones. */
class DialectProperties {
  /** The most that one hostile frame may allocate: the list of datagrams in it. */
  private static final long MEMORY = 64 << 20;

  private static final byte[] ID = SecretKey.ofBytes(new byte[32]).nodeId().toBytes();

  private static byte[] frame(int type, byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(type);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Provide
  Arbitrary<byte[]> modernFrames() {
    return HostileInput.bytes(
        frame(RelayFrames.FROM_RELAY, ID, new byte[20]),
        frame(RelayFrames.FROM_RELAY_BATCH, ID, new byte[] {0, 0, 1}, new byte[20]),
        frame(RelayFrames.GONE, ID),
        frame(RelayFrames.PING, new byte[8]),
        frame(RelayFrames.RESTARTING, new byte[8]),
        frame(RelayFrames.STATUS, new byte[] {2}),
        frame(RelayFrames.HEALTH, new byte[] {'o', 'k'}),
        frame(RelayFrames.CHALLENGE, new byte[16]),
        frame(RelayFrames.DENIED, new byte[] {1, 'n'}));
  }

  @Provide
  Arbitrary<byte[]> legacyFrames() {
    return HostileInput.bytes(
        frame(LegacyFrames.RECV_PACKET, ID, new byte[] {2, 0, 1, 2, 0, 0, 1, 0, 3}),
        frame(LegacyFrames.GONE, ID),
        frame(LegacyFrames.PING, new byte[8]),
        frame(LegacyFrames.PONG, new byte[8]),
        frame(LegacyFrames.HEALTH, new byte[] {'o', 'k'}),
        frame(LegacyFrames.RESTARTING, new byte[8]),
        frame(LegacyFrames.KEEP_ALIVE));
  }

  @Property(tries = 500)
  void anyFrameOfAModernRelayIsTakenOrEndsTheConnection(
      @ForAll("modernFrames") byte[] frame, @ForAll boolean v2, @ForAll boolean relaying)
      throws Exception {
    checkModern(frame, v2, relaying);
  }

  static void checkModern(byte[] frame, boolean v2, boolean relaying) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try (RecordedFrames relay = RecordedFrames.modern(v2)) {
            if (relaying) {
              relay.read(new byte[] {RelayFrames.CONFIRMED});
            }
            relay.read(frame);
            if (!relaying) {
              // Nobody who has not let us in can hand us datagrams.
              assertThat(relay.events).noneMatch(e -> e.startsWith("datagrams"));
            }
          }
        });
  }

  @Property(tries = 500)
  void anyFrameOfALegacyRelayIsTakenOrEndsTheConnection(@ForAll("legacyFrames") byte[] frame)
      throws Exception {
    checkLegacy(frame);
  }

  static void checkLegacy(byte[] frame) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try (RecordedFrames relay = RecordedFrames.legacy()) {
            relay.read(frame);
            if (!relay.events.isEmpty()) {
              assertThat(relay.events.get(0))
                  .matches("authenticated|violation|denied not authenticated");
            }
          }
        });
  }

  /** What is sent to a legacy relay arrives, seen by another of our clients behind it. */
  @Property(tries = 150)
  void batchesSurviveThePackingInOrderAndInFramesThatEveryRelayTakes(
      @ForAll @IntRange(min = 1, max = 65_000) int bytes,
      @ForAll @IntRange(min = 0, max = 3000) int segment) {
    int size = segment == 0 ? bytes : Math.max(segment, bytes / 3000 + 1);
    byte[] data = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      data[i] = (byte) (i * 31 >> 3);
    }
    try (RecordedFrames sender = RecordedFrames.legacy();
        RecordedFrames receiver = RecordedFrames.legacy()) {
      sent(sender); // client info and ping
      ByteBuf buffer = Unpooled.copiedBuffer(data);
      assertThat(sender.dialect.datagrams(RecordedFrames.KEY.nodeId(), buffer, size)).isTrue();
      assertThat(buffer.release()).isTrue();
      sender.channel.flush();
      for (byte[] frame : sent(sender)) {
        assertThat(frame.length).isLessThanOrEqualTo(RelayFrames.MAX_FRAME + 1);
        assertThat(frame[0]).isEqualTo((byte) LegacyFrames.SEND_PACKET);
        frame[0] = LegacyFrames.RECV_PACKET; // what a relay does
        receiver.read(frame);
      }
      List<String> expected = new ArrayList<>(List.of("authenticated"));
      for (int at = 0; at < bytes; at += size) {
        byte[] one = Arrays.copyOfRange(data, at, Math.min(bytes, at + size));
        expected.add("datagrams " + HexFormat.of().formatHex(one));
      }
      assertThat(receiver.events).isEqualTo(expected);
    }
  }

  /** Payloads of the masked messages that went out. */
  private static List<byte[]> sent(RecordedFrames from) {
    List<byte[]> frames = new ArrayList<>();
    for (ByteBuf out = from.channel.readOutbound();
        out != null;
        out = from.channel.readOutbound()) {
      int length = out.getByte(1) & 0x7f;
      int header = length < 126 ? 2 : length == 126 ? 4 : 10;
      byte[] frame = new byte[out.readableBytes() - header - 4];
      out.getBytes(header + 4, frame);
      for (int i = 0; i < frame.length; i++) {
        frame[i] ^= out.getByte(header + i % 4);
      }
      frames.add(frame);
      out.release();
    }
    return frames;
  }
}
