package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.ClientInfo;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import dev.warren.relay.server.limits.RelayLimits;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and what access control hears of it. */
class EntranceTest {
  private static final SecretKey KEY = SecretKey.ofBytes(new byte[32]);
  private static final HexFormat HEX = HexFormat.of();

  /** Decides when the test does. */
  private static final class Gate implements AccessControl {
    final List<AccessRequest> asked = new ArrayList<>();
    final List<CompletableFuture<AccessDecision>> answers = new ArrayList<>();
    final List<Long> left = new ArrayList<>();

    @Override
    public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
      asked.add(request);
      answers.add(new CompletableFuture<>());
      return answers.get(answers.size() - 1);
    }

    @Override
    public void onDisconnect(NodeId node, long connection) {
      assertThat(node).isEqualTo(KEY.nodeId());
      left.add(connection);
    }
  }

  private final Gate gate = new Gate();
  private EmbeddedRelay relay = new EmbeddedRelay(gate, RelayLimits.defaults());

  @AfterEach
  void close() {
    relay.close();
  }

  private static String hex(EmbeddedChannel channel) {
    return HEX.formatHex(EmbeddedRelay.read(channel));
  }

  private static void send(EmbeddedChannel channel, String frame) {
    EmbeddedRelay.write(channel, EmbeddedRelay.message(HEX.parseHex(frame)));
  }

  /** Up to the proof, and with it. */
  private EmbeddedChannel proved() {
    EmbeddedChannel channel = relay.connect();
    EmbeddedRelay.write(channel, EmbeddedRelay.REQUEST.getBytes(US_ASCII));
    byte[] greeting = EmbeddedRelay.read(channel);
    byte[] challenge = Arrays.copyOfRange(greeting, greeting.length - 16, greeting.length);
    send(channel, HEX.formatHex(Handshake.clientAuth(KEY, challenge)));
    return channel;
  }

  private EmbeddedChannel nativeProved(String target, byte[] more) {
    EmbeddedChannel channel = relay.connect();
    String request = "GET " + target + " HTTP/1.1\r\nUpgrade: iroh derp http\r\n\r\n";
    EmbeddedRelay.write(channel, request.getBytes(US_ASCII));
    EmbeddedRelay.read(channel);
    byte[] info = ClientInfo.encode(KEY);
    EmbeddedRelay.write(
        channel,
        ByteBuffer.allocate(4 + info.length + more.length)
            .put(info[0])
            .putInt(info.length - 1)
            .put(info, 1, info.length - 1)
            .put(more)
            .array());
    return channel;
  }

  private static void later(EmbeddedChannel channel, long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void nobodyIsInAndNothingIsReadBeforeTheDecision() {
    EmbeddedChannel channel = proved();
    assertThat(hex(channel)).isEmpty();
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(relay.plane.size()).isZero();
    gate.answers.get(0).complete(AccessDecision.allow());
    assertThat(hex(channel)).isEqualTo("820102");
    assertThat(channel.config().isAutoRead()).isTrue();
    assertThat(relay.plane.size()).isEqualTo(1);
    assertThat(gate.left).isEmpty();
    channel.close();
    channel.close();
    assertThat(gate.left).containsExactly(gate.asked.get(0).connection());
    assertThat(relay.plane.size()).isZero();
  }

  @Test
  void whatCameMeanwhileIsKeptAndThenRead() {
    EmbeddedChannel channel =
        nativeProved("/derp", HEX.parseHex("0c000000082a2a2a2a2a2a2a2a0c000000082b2b2b2b2b2b2b2b"));
    assertThat(hex(channel)).isEmpty();
    gate.answers.get(0).complete(AccessDecision.allow());
    channel.runPendingTasks();
    assertThat(hex(channel)).isEqualTo("0d000000082a2a2a2a2a2a2a2a0d000000082b2b2b2b2b2b2b2b");
  }

  @Test
  void accessControlSeesTheRequest() {
    nativeProved("/relay?token=a%20b", new byte[0]);
    AccessRequest asked = gate.asked.get(0);
    assertThat(asked.node()).isEqualTo(KEY.nodeId());
    assertThat(asked.protocol()).isEqualTo("iroh derp http");
    assertThat(asked.target()).isEqualTo("/relay?token=a%20b");
    assertThat(asked.token()).contains("a b");
    assertThat(asked.headers()).containsEntry("upgrade", List.of("iroh derp http"));
  }

  @Test
  void aDenialIsToldWithItsReasonAndIsNoDisconnect() {
    EmbeddedChannel channel = proved();
    gate.answers.get(0).complete(AccessDecision.deny());
    assertThat(hex(channel)).isEqualTo("8210" + "030e6e6f7420617574686f72697a6564");
    assertThat(channel.isOpen()).isFalse();
    assertThat(gate.left).isEmpty();
    assertThat(relay.counters.refusedAccess.sum()).isEqualTo(1);
    assertThat(relay.counters.accepts.sum()).isZero();
  }

  /** Word for word: a legacy client has nothing else to know it by. */
  @Test
  void aLegacyClientIsToldThatItIsNotAuthenticated() {
    EmbeddedChannel channel = nativeProved("/relay", new byte[0]);
    gate.answers.get(0).complete(AccessDecision.deny("for reasons"));
    assertThat(hex(channel)).isEqualTo("0e000000116e6f742061757468656e74696361746564");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aDecisionThatFailsDenies() {
    EmbeddedChannel channel = proved();
    gate.answers.get(0).completeExceptionally(new IllegalStateException("database"));
    assertThat(hex(channel)).isEqualTo("8210" + "030e6e6f7420617574686f72697a6564");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void accessControlThatThrowsDenies() {
    relay.close();
    relay =
        new EmbeddedRelay(
            r -> {
              throw new IllegalStateException();
            },
            RelayLimits.defaults());
    EmbeddedChannel channel = proved();
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.counters.refusedAccess.sum()).isEqualTo(1);
  }

  @Test
  void aDecisionThatComesTooLateIsHeardToHaveEnded() {
    EmbeddedChannel channel = proved();
    later(channel, 9_900);
    assertThat(channel.isOpen()).isTrue();
    later(channel, 200);
    assertThat(channel.isOpen()).isFalse();
    assertThat(gate.left).isEmpty();
    gate.answers.get(0).complete(AccessDecision.allow());
    channel.runPendingTasks();
    assertThat(gate.left).containsExactly(gate.asked.get(0).connection());
    assertThat(relay.plane.size()).isZero();
    assertThat(relay.counters.accepts.sum()).isZero();
  }

  @Test
  void whoLeavesBeforeTheDecisionIsHeardOfOnlyIfItAllows() {
    EmbeddedChannel first = proved();
    EmbeddedChannel second = proved();
    first.close();
    second.close();
    gate.answers.get(0).complete(AccessDecision.deny());
    gate.answers.get(1).complete(AccessDecision.allow());
    first.runPendingTasks();
    second.runPendingTasks();
    assertThat(gate.left).containsExactly(gate.asked.get(1).connection());
  }

  // ---- proofs ----

  /** Proofs that are checked when the test says so. */
  private final Queue<Runnable> checks = new ArrayDeque<>();

  private int waiting;

  private void checkLater() {
    relay.close();
    relay =
        new EmbeddedRelay(
            gate, RelayLimits.defaults(), new Proofs(channel -> checks::add, () -> waiting));
  }

  @Test
  void nothingIsReadWhileAProofIsChecked() {
    checkLater();
    EmbeddedChannel channel = nativeProved("/derp", HEX.parseHex("0c000000082a2a2a2a2a2a2a2a"));
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(gate.asked).isEmpty();
    checks.remove().run();
    assertThat(channel.config().isAutoRead()).isFalse();
    gate.answers.get(0).complete(AccessDecision.allow());
    channel.runPendingTasks();
    assertThat(hex(channel)).isEqualTo("0d000000082a2a2a2a2a2a2a2a");
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void whoHasLeftIsNotAskedForWhenHisProofIsChecked() {
    checkLater();
    EmbeddedChannel gone = proved();
    gone.close();
    checks.remove().run();
    EmbeddedChannel slow = proved();
    later(slow, 10_100);
    assertThat(slow.isOpen()).isFalse();
    checks.remove().run();
    assertThat(gate.asked).isEmpty();
    assertThat(relay.counters.refusedTimeout.sum()).isEqualTo(1);
    assertThat(relay.plane.metrics()).containsEntry("establishing", 0L);
  }

  @Test
  void whereTooManyProofsWaitTheNextIsAskedToComeAgain() {
    checkLater();
    waiting = Proofs.MOST - 1;
    assertThat(proved().isOpen()).isTrue();
    waiting++;
    EmbeddedChannel surplus = proved();
    byte[] close = EmbeddedRelay.read(surplus);
    assertThat(close).startsWith(0x88, close.length - 2, 1013 >> 8, 1013 & 0xff);
    assertThat(surplus.isOpen()).isFalse();
    assertThat(checks).hasSize(1);
    assertThat(relay.plane.metrics()).containsEntry("refused_proofs", 1L);
  }

  /** It is closed already, and runs nothing. */
  @Test
  void whereNothingCanBeCheckedAnyMoreNobodyIsLetIn() {
    relay.close();
    relay =
        new EmbeddedRelay(
            gate,
            RelayLimits.defaults(),
            new Proofs(
                channel ->
                    task -> {
                      throw new RejectedExecutionException();
                    },
                () -> 0));
    assertThat(proved().isOpen()).isFalse();
  }

  // ---- limits ----

  @Test
  void whoHasNoPlaceIsNotUpgradedAndGetsOneWhenAnotherLeaves() {
    relay.close();
    relay =
        new EmbeddedRelay(
            AccessControl.everyone(), RelayLimits.builder().clientsPerAddress(1).build());
    EmbeddedChannel first = relay.authenticated(KEY);
    EmbeddedChannel second = relay.connect();
    EmbeddedRelay.write(second, EmbeddedRelay.REQUEST.getBytes(US_ASCII));
    assertThat(new String(EmbeddedRelay.read(second), US_ASCII))
        .startsWith("HTTP/1.1 503 ")
        .contains("too many clients at this address");
    assertThat(relay.plane.metrics()).containsEntry("refused_clients_per_address", 1L);
    first.close();
    relay.authenticated(SecretKey.generate());
  }

  @Test
  void otherLimitsHoldForTheNextOneAndWhoIsInStaysIn() {
    relay.close();
    relay = new EmbeddedRelay();
    EmbeddedChannel first = relay.authenticated(KEY);
    EmbeddedChannel second = relay.authenticated(SecretKey.generate());
    relay.plane.limits(RelayLimits.builder().clients(1).build());
    EmbeddedChannel third = relay.connect();
    EmbeddedRelay.write(third, EmbeddedRelay.REQUEST.getBytes(US_ASCII));
    assertThat(new String(EmbeddedRelay.read(third), US_ASCII)).startsWith("HTTP/1.1 503 ");
    assertThat(first.isOpen() && second.isOpen()).isTrue();
  }

  /** Close 1013, and no denial: the client is to come back, and not to look for another token. */
  @Test
  void oneIdHasSoManyConnectionsAndNoMore() {
    relay.close();
    relay =
        new EmbeddedRelay(
            gate, RelayLimits.builder().connectionsPerId(2).connectsPerIdPerSecond(0).build());
    for (int i = 0; i < 2; i++) {
      proved();
      gate.answers.get(i).complete(AccessDecision.allow());
    }
    EmbeddedChannel third = proved();
    byte[] close = EmbeddedRelay.read(third);
    assertThat(close).startsWith(0x88, close.length - 2, 1013 >> 8, 1013 & 0xff);
    assertThat(new String(close, US_ASCII)).endsWith("too many connections with this id");
    assertThat(third.isOpen()).isFalse();
    assertThat(gate.asked).hasSize(2);
    assertThat(relay.plane.metrics())
        .containsEntry("refused_connections_per_id", 1L)
        .containsEntry("accepts", 2L);
  }

  @Test
  void whoIsLetInTooLateForAPlaceIsHeardToHaveEnded() {
    relay.close();
    relay = new EmbeddedRelay(gate, RelayLimits.builder().clients(1).build());
    EmbeddedChannel first = proved();
    EmbeddedChannel second = proved();
    gate.answers.get(0).complete(AccessDecision.allow());
    gate.answers.get(1).complete(AccessDecision.allow());
    second.runPendingTasks();
    assertThat(first.isOpen()).isTrue();
    assertThat(second.isOpen()).isFalse();
    assertThat(new String(EmbeddedRelay.read(second), US_ASCII)).contains("the relay is full");
    assertThat(gate.left).containsExactly(gate.asked.get(1).connection());
  }
}
