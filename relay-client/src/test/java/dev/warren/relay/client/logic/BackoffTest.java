package dev.warren.relay.client.logic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final long seed = System.nanoTime();
  private final Backoff backoff = new Backoff(new SplittableRandom(seed));

  @Test
  void clientsThatLostOneRelayComeBackSpreadOverAFewHundredMilliseconds() {
    LongStream.Builder waits = LongStream.builder();
    for (int i = 0; i < 1000; i++) {
      waits.add(backoff.afterLoss());
    }
    long[] sorted = waits.build().sorted().toArray();
    assertThat(sorted[0]).as("seed " + seed).isBetween(100L, 130L);
    assertThat(sorted[500]).as("seed " + seed).isBetween(200L, 400L);
    assertThat(sorted[999]).as("seed " + seed).isBetween(470L, 500L);
    assertThat(backoff.attempts()).isZero();
  }

  @Test
  void waitsDoubleUpToACapAndBeginAgainAfterSuccess() {
    for (int i = 0; i < 30; i++) {
      long base = Math.min(16_000, 10L << Math.min(i, 12));
      assertThat(backoff.next()).as("seed " + seed).isBetween(base, 2 * base);
    }
    backoff.reset();
    assertThat(backoff.next()).as("seed " + seed).isBetween(10L, 20L);
  }
}
