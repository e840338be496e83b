package dev.warren.relay.client.logic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final long seed = System.nanoTime();
  private final Backoff backoff = new Backoff(new SplittableRandom(seed));

  private long[] thousand(LongSupplier wait) {
    long[] waits = LongStream.generate(wait).limit(1000).toArray();
    Arrays.sort(waits);
    return waits;
  }

  @Test
  void clientsThatLostOneRelayComeBackSpreadOverHalfASecond() {
    long[] waits = thousand(backoff::afterLoss);
    assertThat(waits[0]).as("seed " + seed).isBetween(10L, 40L);
    assertThat(waits[500]).as("seed " + seed).isBetween(200L, 300L);
    assertThat(waits[999]).as("seed " + seed).isBetween(470L, 500L);
    assertThat(backoff.attempts()).isZero();
  }

  @Test
  void waitsAreAnyTimeBelowABoundThatDoublesUpToACap() {
    for (int failed = 0; failed < 14; failed++) {
      int n = failed;
      long bound = Math.min(30_000, 100L << n);
      long[] waits =
          thousand(
              () -> {
                Backoff one = new Backoff(new SplittableRandom(seed + System.nanoTime()));
                for (int i = 0; i < n; i++) {
                  one.next();
                }
                return one.next();
              });
      assertThat(waits[0]).as("seed " + seed).isBetween(10L, 10 + bound / 10);
      assertThat(waits[500]).as("seed " + seed).isBetween(bound * 4 / 10, 10 + bound * 6 / 10);
      assertThat(waits[999]).as("seed " + seed).isBetween(bound * 9 / 10, bound);
    }
  }

  @Test
  void waitsBeginAgainAfterSuccess() {
    for (int i = 0; i < 30; i++) {
      backoff.next();
    }
    assertThat(backoff.attempts()).isEqualTo(30);
    backoff.reset();
    assertThat(backoff.next()).as("seed " + seed).isBetween(10L, 100L);
  }

  @Test
  void aRefusalIsFollowedByALongWaitThatDoublesToHalfAnHourAtMost() {
    for (int i = 0; i < 10; i++) {
      long base = Math.min(15 * 60_000, 30_000L << i);
      assertThat(backoff.afterDenial()).as("seed " + seed).isBetween(base, 2 * base);
    }
    assertThat(backoff.attempts()).isZero();
    backoff.reset();
    assertThat(backoff.afterDenial()).as("seed " + seed).isBetween(30_000L, 60_000L);
  }
}
