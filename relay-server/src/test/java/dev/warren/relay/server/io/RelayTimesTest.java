package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.server.RawPeer;
import dev.warren.relay.server.limits.RelayLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The relay's time limits, with time moved by hand. */
class RelayTimesTest {
  private static final String PING = "092a2a2a2a2a2a2a2a";
  private static final String PONG = "0a2a2a2a2a2a2a2a2a";

  private final EmbeddedRelay relay = new EmbeddedRelay();
  private final RelayCounters counters = relay.counters;

  @AfterEach
  void release() {
    relay.close();
  }

  private EmbeddedChannel channel() {
    return relay.connect();
  }

  private static void write(EmbeddedChannel channel, byte[] bytes) {
    channel.writeInbound(Unpooled.directBuffer().writeBytes(bytes));
  }

  private static void send(EmbeddedChannel channel, String frame) {
    write(channel, RawPeer.message(0x82, HexFormat.of().parseHex(frame), true));
  }

  private static void later(EmbeddedChannel channel, long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  private static byte[] out(EmbeddedChannel channel) {
    ByteBuf message = channel.readOutbound();
    try {
      return ByteBufUtil.getBytes(message);
    } finally {
      message.release();
    }
  }

  /** The next short frame, without its WebSocket header of two bytes. */
  private static byte[] frame(EmbeddedChannel channel) {
    byte[] message = out(channel);
    return Arrays.copyOfRange(message, 2, message.length);
  }

  private EmbeddedChannel upgraded() {
    EmbeddedChannel channel = channel();
    String request =
        "GET /relay HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: iroh-relay-v2\r\n\r\n";
    write(channel, request.getBytes(US_ASCII));
    assertThat(new String(out(channel), US_ASCII)).startsWith("HTTP/1.1 101 ");
    return channel;
  }

  private EmbeddedChannel authenticated(SecretKey key) {
    EmbeddedChannel channel = upgraded();
    byte[] challenge = frame(channel);
    byte[] auth = Handshake.clientAuth(key, Arrays.copyOfRange(challenge, 1, 17));
    write(channel, RawPeer.message(0x82, auth, true));
    assertThat(frame(channel)).containsExactly(2);
    return channel;
  }

  // ---- establishing ----

  @Test
  void whoNeverAsksForAnUpgradeIsClosedAfterThirtySeconds() {
    EmbeddedChannel silent = channel();
    EmbeddedChannel slow = channel();
    write(slow, "GET /rel".getBytes(US_ASCII));
    later(silent, 29_900);
    later(slow, 29_900);
    assertThat(silent.isOpen()).isTrue();
    assertThat(slow.isOpen()).isTrue();
    later(silent, 200);
    later(slow, 200);
    assertThat(silent.isOpen()).isFalse();
    assertThat(slow.isOpen()).isFalse();
  }

  @Test
  void whoNeverAuthenticatesIsClosedAfterTenSecondsAndCountedOnce() {
    EmbeddedChannel channel = upgraded();
    later(channel, 9_900);
    assertThat(channel.isOpen()).isTrue();
    later(channel, 200);
    assertThat(channel.isOpen()).isFalse();
    assertThat(counters.refusedTimeout.sum()).isEqualTo(1);
  }

  @Test
  void aWrongSignatureIsCountedOnce() {
    EmbeddedChannel channel = upgraded();
    byte[] auth = Handshake.clientAuth(SecretKey.generate(), new byte[16]);
    write(channel, RawPeer.message(0x82, auth, true));
    assertThat(channel.isOpen()).isFalse();
    later(channel, 20_000);
    assertThat(counters.refusedSignature.sum()).isEqualTo(1);
  }

  @Test
  void whoAuthenticatesIsNotClosedByTheLimitsOfTheHandshake() {
    EmbeddedChannel channel = authenticated(SecretKey.generate());
    for (int i = 0; i < 10; i++) {
      later(channel, 5_000);
      send(channel, PING);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  // ---- liveness ----

  @Test
  void aSilentClientIsPingedAndClosedWithoutAPong() {
    SecretKey key = SecretKey.generate();
    EmbeddedChannel channel = authenticated(key);
    later(channel, 14_900);
    assertThat(channel.<Object>readOutbound()).isNull();
    later(channel, 5_400);
    assertThat(frame(channel)).hasSize(9).startsWith(9);
    // Sent at some moment of the last 5.4 s.
    later(channel, 5_300);
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.plane.size()).isZero();
  }

  @Test
  void aPongKeepsTheConnection() {
    EmbeddedChannel channel = authenticated(SecretKey.generate());
    int pings = 0;
    for (int second = 0; second < 100; second++) {
      later(channel, 1000);
      for (ByteBuf ping = channel.readOutbound(); ping != null; ping = channel.readOutbound()) {
        byte[] body = ByteBufUtil.getBytes(ping, 3, 8);
        ping.release();
        send(channel, "0a" + HexFormat.of().formatHex(body));
        pings++;
      }
      assertThat(channel.isOpen()).isTrue();
    }
    assertThat(pings).isBetween(4, 6);
  }

  // ---- writing ----

  private static void writable(EmbeddedChannel channel, boolean writable) {
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
    channel.runPendingTasks();
  }

  @Test
  void whoTakesNothingForTwoSecondsIsClosed() {
    EmbeddedChannel channel = authenticated(SecretKey.generate());
    writable(channel, false);
    later(channel, 1_900);
    assertThat(channel.isOpen()).isTrue();
    later(channel, 200);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void standingStillTwiceForLessIsNotStandingStillForLong() {
    EmbeddedChannel channel = authenticated(SecretKey.generate());
    writable(channel, false);
    later(channel, 1_900);
    writable(channel, true);
    writable(channel, false);
    later(channel, 200);
    assertThat(channel.isOpen()).isTrue();
    later(channel, 1_900);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void theQueueHoldsFiveHundredAndTwelveAndWhatIsMoreIsCounted() {
    SecretKey key = SecretKey.generate();
    EmbeddedChannel channel = authenticated(key);
    writable(channel, false);
    String frame = "04" + key.nodeId() + "00aabb";
    for (int i = 0; i < 600; i++) {
      send(channel, frame);
    }
    assertThat(channel.<Object>readOutbound()).isNull();
    assertThat(counters.droppedFull.sum()).isEqualTo(88);
    assertThat(counters.packetsSent.sum()).isEqualTo(512);
    assertThat(counters.bytesSent.sum()).isEqualTo(512 * 2);
    writable(channel, true);
    for (int i = 0; i < 512; i++) {
      assertThat(frame(channel)).startsWith(6).endsWith(0xaa, 0xbb);
    }
    assertThat(channel.<Object>readOutbound()).isNull();
  }

  /** Answers to pings are bounded too: who asks and does not read must not fill our memory. */
  @Test
  void pongsForOneWhoDoesNotReadAreBounded() {
    EmbeddedChannel channel = authenticated(SecretKey.generate());
    writable(channel, false);
    for (int i = 0; i < 2000; i++) {
      send(channel, PING);
    }
    int pongs = 0;
    writable(channel, true);
    for (ByteBuf pong = channel.readOutbound(); pong != null; pong = channel.readOutbound()) {
      assertThat(ByteBufUtil.hexDump(pong)).endsWith(PONG);
      pong.release();
      pongs++;
    }
    assertThat(pongs).isPositive().isLessThanOrEqualTo(RelayLimits.defaults().queueFrames());
  }
}
