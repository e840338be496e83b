package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One id that comes back as often as it can, from several connections at once. */
@Tag("attack")
@Timeout(60)
class SameIdAttackTest {
  private static final int THREADS = 4;
  private static final int ATTEMPTS = 3000;

  private final SecretKey key = SecretKey.generate();
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicInteger let = new AtomicInteger();

  private void connectAgainAndAgain(AttackedRelay attacked, List<RawPeer> kept) {
    while (attempts.incrementAndGet() <= ATTEMPTS) {
      try {
        RawPeer peer = attacked.raw();
        try {
          kept.add(peer.authenticate(key));
          let.incrementAndGet();
        } catch (IOException refused) {
          peer.close();
        }
      } catch (IOException noConnection) {
        // The relay may cut it at any time.
      }
    }
  }

  private double attack(AttackedRelay attacked, List<RawPeer> kept) throws InterruptedException {
    long start = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(() -> connectAgainAndAgain(attacked, kept));
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf("SameIdAttackTest: %.0f attempts a second%n", ATTEMPTS / seconds);
    return seconds;
  }

  @Test
  void anIdThatConnectsAThousandTimesASecondIsLetInAtItsRate() throws Exception {
    try (AttackedRelay attacked =
        AttackedRelay.start(limits -> limits.connectsPerIdPerSecond(8).connectionsPerId(0))) {
      List<RawPeer> kept = Collections.synchronizedList(new ArrayList<>());
      double seconds = attack(attacked, kept);
      assertThat(let.get()).isBetween(32, (int) (33 + 8 * seconds));
      assertThat(attacked.metric("refused_connects_per_id")).isEqualTo(ATTEMPTS - let.get());
      close(kept);
    }
  }

  @Test
  void anIdThatKeepsItsConnectionsHasNoMoreThanItsShare() throws Exception {
    List<RawPeer> kept = Collections.synchronizedList(new ArrayList<>());
    try (AttackedRelay attacked =
        AttackedRelay.start(limits -> limits.connectsPerIdPerSecond(0).connectionsPerId(16))) {
      attack(attacked, kept);
      assertThat(let).hasValue(16);
      assertThat(attacked.metric("refused_connections_per_id")).isEqualTo(ATTEMPTS - 16);
      close(kept);
    }
  }

  private static void close(List<RawPeer> peers) throws IOException {
    for (RawPeer peer : peers) {
      peer.close();
    }
  }
}
