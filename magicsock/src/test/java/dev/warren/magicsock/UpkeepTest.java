package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a socket has to do when no peer is in use any more, and what it does after its end. */
class UpkeepTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private SocketPair pair;
  private RelayUrl far;

  @BeforeEach
  void bind() throws Exception {
    pair = new SocketPair();
    // Nothing listens there.
    far = RelayUrl.parse("http://127.0.0.1:1/");
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return pair.clientLoop.submit(task).get(5, TimeUnit.SECONDS);
  }

  @Test
  void theRelayOfAPeerThatIsNotUsedForAMinuteIsLeft() throws Exception {
    RelayLinks relays = pair.client.relays();
    onLoop(
        () -> {
          relays.open(far);
          long now = System.nanoTime();
          long due = relays.onTimer(now);
          assertThat(due - now).isPositive().isLessThanOrEqualTo(RelayLinks.IDLE);
          assertThat(relays.size()).as("not yet").isEqualTo(1);
          assertThat(relays.onTimer(due)).as("nothing more to do").isEqualTo(UdpPath.NEVER);
          assertThat(relays.size()).isZero();
          return null;
        });
  }

  @Test
  void theTimerGoesOnForTheUpkeepThoughNoPeerNeedsIt() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Peer peer = pair.client.peer(SecretKey.generate().nodeId());
    PeerTable nobody =
        new PeerTable(
            id -> {
              throw new AssertionError();
            },
            pair.client.metrics());
    PeerTimers timers =
        new PeerTimers(
            pair.clientLoop,
            nobody,
            now -> runs.incrementAndGet() < 4 ? now + 20_000_000 : UdpPath.NEVER,
            pair.client.metrics());
    onLoop(
        () -> {
          long now = System.nanoTime();
          peer.table.used(now);
          timers.arm(peer, now);
          return null;
        });
    Await.until("four runs", SOON, () -> runs.get() == 4);
  }

  @Test
  void whatIsSentByRelayAfterTheEndIsReleasedAndOpensNoConnection() throws Exception {
    RelayLinks relays = pair.client.relays();
    pair.client.closeAsync().get(5, TimeUnit.SECONDS);
    onLoop(
        () -> {
          ByteBuf data = SocketPair.quic(100);
          assertThat(relays.send(far, pair.server.id(), data, 0)).isFalse();
          assertThat(data.refCnt()).isZero();
          relays.open(far);
          assertThat(relays.size()).isZero();
          return null;
        });
  }

  @Test
  void searchesForPeersAreLimitedForAllTogether() throws Exception {
    Peer peer = pair.client.peer(SecretKey.generate().nodeId());
    int tries = 5 * PathProber.SEARCH_PER_SECOND;
    onLoop(
        () -> {
          for (int i = 0; i < tries; i++) {
            pair.client.ordersFor(peer).pingRelay(far);
          }
          return null;
        });
    assertThat(pair.client.metrics().get(MagicSocketMetrics.Counter.PINGS_REFUSED))
        .isBetween(1L, (long) tries - PathProber.SEARCH_PER_SECOND);
  }

  @Test
  void closingEndsThoughTheLoopIsGone() throws Exception {
    pair.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(5, TimeUnit.SECONDS);
    pair.client.closeAsync().get(5, TimeUnit.SECONDS);
    assertThat(pair.client.closeAsync()).isDone();
  }
}
