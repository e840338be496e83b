package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClosedConnectionsTest {
  private final ClosedConnections closed = new ClosedConnections();
  private int sent;

  private void add(long id, long now) {
    closed.add(id, () -> sent++, now);
  }

  @Test
  void whoGoesOnIsToldAgainEverMoreSeldom() {
    add(1, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(closed.answer(1, 1)).isTrue();
    }
    assertThat(sent).as("for packets 1, 2, 4, … 64").isEqualTo(7);
  }

  @Test
  void othersPacketsAreNoneOfItsBusiness() {
    add(1, 0);
    assertThat(closed.answer(2, 1)).isFalse();
    assertThat(sent).isZero();
  }

  @Test
  void afterThreeProbeTimeoutsItIsForgotten() {
    add(1, 0);
    assertThat(closed.answer(1, ClosedConnections.LIFE - 1)).isTrue();
    assertThat(closed.answer(1, ClosedConnections.LIFE)).isFalse();
    assertThat(closed.isEmpty()).isTrue();
  }

  @Test
  void theOldestOfTooManyIsForgotten() {
    for (int id = 0; id <= ClosedConnections.MAX; id++) {
      add(id, 0);
    }
    assertThat(closed.answer(0, 1)).isFalse();
    assertThat(closed.answer(1, 1)).isTrue();
    assertThat(closed.answer(ClosedConnections.MAX, 1)).isTrue();
  }
}
