package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.RelayTrust;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two clients that send a datagram to and fro for as long as they are open. Closing asserts that
 * they noticed nothing: no datagram was lost, and none took long.
 */
final class HealthyPair implements AutoCloseable {
  /** Many times what it takes on a machine with one busy core. */
  private static final Duration LONG = Duration.ofSeconds(3);

  private final TestClient one;
  private final TestClient other;
  private final Thread thread = new Thread(this::exchange, "healthy-pair");
  private volatile boolean stop;
  private volatile int rounds;
  private volatile long worst;
  private volatile @Nullable String failure;

  HealthyPair(RelayUrl relay, @Nullable RelayTrust trust) {
    one = new TestClient(relay, SecretKey.generate(), trust).online();
    other = new TestClient(relay, SecretKey.generate(), trust).online();
    thread.setDaemon(true);
    thread.start();
  }

  private void exchange() {
    try {
      while (!stop && failure == null) {
        long start = System.nanoTime();
        one.send(other.id(), "to " + rounds, 0);
        expect(other, "to " + rounds);
        other.send(one.id(), "fro " + rounds, 0);
        expect(one, "fro " + rounds);
        worst = Math.max(worst, System.nanoTime() - start);
        rounds++;
      }
    } catch (InterruptedException e) {
      failure = "interrupted";
    }
  }

  private void expect(TestClient at, String data) throws InterruptedException {
    TestClient.Received next = at.received.poll(10, TimeUnit.SECONDS);
    if (next == null || !next.data().equals(data)) {
      failure = "got " + next + " instead of \"" + data + "\"";
    }
  }

  /** Rounds so far. */
  int rounds() {
    return rounds;
  }

  @Override
  public void close() {
    stop = true;
    try {
      thread.join(25_000);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      one.close();
      other.close();
    }
    assertThat(failure).as("what the healthy pair noticed").isNull();
    assertThat(rounds).as("rounds of the healthy pair").isPositive();
    assertThat(Duration.ofNanos(worst)).as("its slowest of %s rounds", rounds).isLessThan(LONG);
  }
}
