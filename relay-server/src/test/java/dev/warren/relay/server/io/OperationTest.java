package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.limits.RelayLimits;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator does to clients that are in: hold them back, cut them off, send them away. */
class OperationTest {
  private static final SecretKey KEY = SecretKey.ofBytes(new byte[32]);
  private static final HexFormat HEX = HexFormat.of();
  private static final String PING = "092a2a2a2a2a2a2a2a";

  private EmbeddedRelay relay = new EmbeddedRelay();

  @AfterEach
  void close() {
    relay.close();
  }

  private void limited(long bytesPerSecond, long burst) {
    relay.close();
    relay = new EmbeddedRelay(AccessControl.everyone(), rate(bytesPerSecond, burst));
  }

  private static RelayLimits rate(long bytesPerSecond, long burst) {
    return RelayLimits.builder().bytesPerSecond(bytesPerSecond).burstBytes(burst).build();
  }

  private static String hex(EmbeddedChannel channel) {
    return HEX.formatHex(EmbeddedRelay.read(channel));
  }

  private static void later(EmbeddedChannel channel, long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  private static void send(EmbeddedChannel channel, int bytes) {
    byte[] frame = new byte[bytes];
    frame[0] = 4;
    System.arraycopy(SecretKey.ofBytes(new byte[32]).nodeId().toBytes(), 0, frame, 1, 32);
    EmbeddedRelay.write(channel, EmbeddedRelay.message(frame));
  }

  // ---- rate ----

  @Test
  void whoSendsTooFastIsNotReadFromAndIsToldOnce() {
    limited(1000, 1000);
    EmbeddedChannel channel = relay.authenticated(SecretKey.generate());
    send(channel, 1500);
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(hex(channel)).isEqualTo("82020d02");
    // Overdrawn by some 600 bytes and the handshake: not before 600 ms.
    later(channel, 600);
    assertThat(channel.config().isAutoRead()).isFalse();
    later(channel, 300);
    assertThat(channel.config().isAutoRead()).isTrue();
    send(channel, 1500);
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(hex(channel)).isEmpty();
    assertThat(relay.plane.metrics())
        .containsEntry("conns_rx_ratelimited_total", 1L)
        .containsKey("bytes_rx_ratelimited_total");
    assertThat(relay.counters.bytesLimited.sum()).isGreaterThan(3000);
  }

  @Test
  void overTimeAClientGetsThroughWhatIsGranted() {
    limited(10_000, 1000);
    EmbeddedChannel channel = relay.authenticated(SecretKey.generate());
    long sent = 0;
    for (int step = 0; step < 1000; step++) {
      if (channel.config().isAutoRead()) {
        send(channel, 500);
        sent += 508;
      }
      later(channel, 10);
    }
    assertThat(sent).isBetween(95_000L, 105_000L);
    assertThat(channel.isOpen()).isTrue();
  }

  /** It is not silent: it is we who do not read. */
  @Test
  void whoIsHeldBackForLongIsNotTakenForDead() {
    limited(10, 100);
    EmbeddedChannel channel = relay.authenticated(SecretKey.generate());
    send(channel, 2000);
    for (int i = 0; i < 18; i++) {
      later(channel, 10_000);
      assertThat(channel.isOpen()).isTrue();
      assertThat(channel.config().isAutoRead()).isFalse();
    }
  }

  @Test
  void anotherLimitEndsAPauseAndHoldsAtOnce() {
    limited(10, 100);
    EmbeddedChannel channel = relay.authenticated(SecretKey.generate());
    send(channel, 2000);
    assertThat(channel.config().isAutoRead()).isFalse();
    relay.plane.limits(rate(100_000, 100_000));
    channel.runPendingTasks();
    assertThat(channel.config().isAutoRead()).isTrue();
    send(channel, 50_000);
    assertThat(channel.config().isAutoRead()).isTrue();
    send(channel, 60_000);
    assertThat(channel.config().isAutoRead()).isFalse();
    relay.plane.limits(RelayLimits.defaults());
    channel.runPendingTasks();
    for (int i = 0; i < 10; i++) {
      send(channel, 60_000);
      assertThat(channel.config().isAutoRead()).isTrue();
    }
  }

  // ---- cutting off ----

  @Test
  void anIdIsCutOffWithAllItsConnectionsOrOne() {
    EmbeddedChannel first = relay.authenticated(KEY);
    EmbeddedChannel second = relay.authenticated(KEY);
    EmbeddedChannel other = relay.authenticated(SecretKey.generate());
    first.runPendingTasks();
    EmbeddedRelay.read(first);
    List<ClientView> views =
        relay.plane.connected().stream().filter(v -> v.id().equals(KEY.nodeId())).toList();
    ClientView older = views.stream().filter(v -> !v.active()).findFirst().orElseThrow();
    assertThat(relay.plane.disconnect(KEY.nodeId(), 0)).isFalse();
    assertThat(relay.plane.disconnect(other(), older.connection())).isFalse();
    assertThat(relay.plane.disconnect(KEY.nodeId(), older.connection())).isTrue();
    first.runPendingTasks();
    assertThat(hex(first)).isEqualTo("880203f0");
    assertThat(first.isOpen()).isFalse();
    assertThat(second.isOpen()).isTrue();
    assertThat(relay.plane.disconnect(KEY.nodeId())).isTrue();
    second.runPendingTasks();
    assertThat(second.isOpen()).isFalse();
    assertThat(relay.plane.disconnect(KEY.nodeId())).isFalse();
    assertThat(other.isOpen()).isTrue();
  }

  private static dev.warren.base.NodeId other() {
    return SecretKey.generate().nodeId();
  }

  // ---- draining ----

  @Test
  void aDrainTellsEverybodyAndCutsThemOneAfterTheOther() {
    int count = 200;
    List<EmbeddedChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      channels.add(relay.authenticated(SecretKey.generate()));
    }
    CompletableFuture<Void> drained = relay.plane.drain(Duration.ofSeconds(10));
    List<Integer> waits = new ArrayList<>();
    for (EmbeddedChannel channel : channels) {
      channel.runPendingTasks();
      byte[] restarting = EmbeddedRelay.read(channel);
      assertThat(restarting).hasSize(11).startsWith(0x82, 9, 12);
      ByteBuffer times = ByteBuffer.wrap(restarting, 3, 8);
      waits.add(times.getInt());
      assertThat(times.getInt()).isEqualTo(40_000);
    }
    assertThat(waits).allMatch(w -> w >= 0 && w <= 10_000);
    assertThat(waits.stream().mapToInt(w -> w / 1000).distinct().count()).isGreaterThan(7);
    int largest = 0;
    int before = 0;
    for (int second = 1; second <= 8; second++) {
      for (EmbeddedChannel channel : channels) {
        if (channel.isOpen()) {
          later(channel, 1000);
        }
      }
      int closed = (int) channels.stream().filter(c -> !c.isOpen()).count();
      largest = Math.max(largest, closed - before);
      before = closed;
    }
    // 25 a second on the average: no herd.
    assertThat(before).isEqualTo(count);
    assertThat(largest).isLessThan(60);
    assertThat(hex(channels.get(0))).isEqualTo("880203e9");
    assertThat(drained).isCompleted();
  }

  @Test
  void whileARelayDrainsNobodyIsLetInAndWhoIsInGoesOn() {
    EmbeddedChannel channel = relay.authenticated(KEY);
    relay.plane.drain(Duration.ofSeconds(10));
    channel.runPendingTasks();
    EmbeddedRelay.read(channel);
    EmbeddedRelay.write(channel, EmbeddedRelay.message(HEX.parseHex(PING)));
    assertThat(hex(channel)).isEqualTo("8209" + "0a2a2a2a2a2a2a2a2a");
    EmbeddedChannel late = relay.connect();
    EmbeddedRelay.write(late, EmbeddedRelay.REQUEST.getBytes(US_ASCII));
    assertThat(new String(EmbeddedRelay.read(late), US_ASCII)).startsWith("HTTP/1.1 503 ");
    assertThat(relay.plane.metrics()).containsEntry("refused_draining", 1L);
  }

  @Test
  void aRelayWithoutClientsIsDrainedAtOnce() {
    assertThat(relay.plane.drain(Duration.ofSeconds(10))).isCompleted();
  }

  // ---- floods ----

  /** Each is answered while the client takes the answers; what it does not take is bounded. */
  @Test
  void pingsOfTheWebSocketAreAnsweredAndAFloodOfThemIsBounded() {
    EmbeddedRelay.Socket channel = relay.authenticated(KEY);
    byte[] ping = {(byte) 0x89, (byte) 0x82, 0, 0, 0, 0, 7, 8};
    EmbeddedRelay.write(channel, ping);
    assertThat(hex(channel)).isEqualTo("8a020708");
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    channel.runPendingTasks();
    for (int i = 0; i < 5000; i++) {
      EmbeddedRelay.write(channel, ping);
    }
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    channel.runPendingTasks();
    assertThat(EmbeddedRelay.read(channel).length / 4)
        .isLessThanOrEqualTo(RelayLimits.defaults().queueFrames());
    assertThat(channel.isOpen()).isTrue();
  }

  /** 4 MiB are reached before 512 frames of 60,000 bytes are. */
  @Test
  void aQueueIsBoundedInBytesToo() {
    EmbeddedRelay.Socket channel = relay.authenticated(KEY);
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    channel.runPendingTasks();
    for (int i = 0; i < 100; i++) {
      send(channel, 60_000);
    }
    assertThat(relay.counters.packetsSent.sum()).isEqualTo((4 << 20) / 60_004);
    assertThat(relay.counters.droppedFull.sum()).isEqualTo(100 - (4 << 20) / 60_004);
  }

  /** It was let in before the drain began, and came among the others after all were told. */
  @Test
  void whoComesInWhileADrainBeginsIsToldToo() {
    EmbeddedChannel first = relay.authenticated(KEY);
    relay.plane.drain(Duration.ofSeconds(10));
    first.runPendingTasks();
    assertThat(hex(first)).startsWith("8209" + "0c");
    relay.plane.onAdded(first.pipeline().get(RelayClientConnection.class));
    first.runPendingTasks();
    assertThat(hex(first)).as("told once").isEmpty();
    relay.close();
    relay = new EmbeddedRelay();
    EmbeddedChannel late = relay.authenticated(KEY);
    RelayClientConnection connection = late.pipeline().get(RelayClientConnection.class);
    relay.plane.clients().remove(IdKey.of(KEY.nodeId()), connection);
    relay.plane.drain(Duration.ofSeconds(10));
    late.runPendingTasks();
    assertThat(hex(late)).isEmpty();
    relay.plane.clients().add(IdKey.of(KEY.nodeId()), connection);
    relay.plane.onAdded(connection);
    late.runPendingTasks();
    assertThat(hex(late)).startsWith("8209" + "0c");
  }

  @Test
  void aConnectionThatIsResetIsNoErrorOfTheProtocol() {
    EmbeddedChannel channel = relay.authenticated(KEY);
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.counters.protocolErrors.sum()).isZero();
    assertThat(relay.counters.disconnects.sum()).isEqualTo(1);
  }
}
