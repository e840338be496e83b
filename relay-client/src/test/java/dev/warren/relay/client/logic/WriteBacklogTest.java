package dev.warren.relay.client.logic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a connection that takes no more is stuck. */
class WriteBacklogTest {
  private static final long MS = 1_000_000;
  private static final long T = Long.MAX_VALUE - 1000 * MS;

  private final WriteBacklog backlog = new WriteBacklog();

  private boolean stuck(long waiting, long atMs) {
    return backlog.stuck(waiting, T + atMs * MS);
  }

  @Test
  void whatDoesNotMoveForFifteenSecondsIsStuck() {
    assertThat(stuck(1_000_000, 0)).isFalse();
    assertThat(stuck(1_000_000, 15_000)).isFalse();
    assertThat(stuck(1_000_000, 15_001)).isTrue();
  }

  @Test
  void aSlowUplinkIsNotStuck() {
    for (int s = 0; s < 300; s += 5) {
      assertThat(stuck(1_000_000 - 1000 * s, s * 1000L)).as("after %d s", s).isFalse();
    }
  }

  @Test
  void whatIsAddedIsNoProgress() {
    for (int s = 0; s <= 15; s += 5) {
      assertThat(stuck(1_000_000 + 100 * s, s * 1000L)).isFalse();
    }
    assertThat(stuck(1_002_000, 16_000)).isTrue();
  }

  @Test
  void aConnectionThatTookMoreMeanwhileBeginsAnew() {
    stuck(1_000_000, 0);
    backlog.onWritable();
    assertThat(stuck(1_500_000, 16_000)).isFalse();
    assertThat(stuck(0, 30_000)).isFalse();
    assertThat(stuck(1_500_000, 40_000)).isFalse();
    assertThat(stuck(1_500_000, 55_001)).isTrue();
  }
}
