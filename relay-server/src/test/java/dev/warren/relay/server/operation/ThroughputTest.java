package dev.warren.relay.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThroughputTest {
  private static final long SECOND = 1_000_000_000L;

  private final Throughput throughput = new Throughput();

  @Test
  void ratesAreWhatCameSinceTheStepBefore() {
    throughput.add(0, 100, 50, 1);
    throughput.add(SECOND, 1100, 50, 2);
    throughput.add(3 * SECOND, 1300, 150, 2);
    assertThat(throughput.samples())
        .containsExactly(
            new Throughput.Sample(1, 1000, 0, 2), new Throughput.Sample(3, 100, 50, 2));
  }

  @Test
  void theOldestAreForgotten() {
    for (int i = 0; i <= Throughput.KEPT + 10; i++) {
      throughput.add(i * SECOND, i, i, 0);
    }
    assertThat(throughput.samples()).hasSize(Throughput.KEPT);
    assertThat(throughput.samples().get(0).second()).isEqualTo(11);
  }

  @Test
  void aClockThatStandsStillAddsNothing() {
    throughput.add(5, 1, 1, 0);
    throughput.add(5, 2, 2, 0);
    assertThat(throughput.samples()).isEmpty();
  }
}
