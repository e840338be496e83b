package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsTasksTest {
  private final ManualClock clock = new ManualClock();
  private final List<Runnable> pool = new ArrayList<>();
  private final TlsTasks tasks = new TlsTasks(pool::add, clock::nanoTime);
  private int ran;

  private Runnable lasting(long nanos) {
    return () -> {
      ran++;
      clock.advance(Duration.ofNanos(nanos));
    };
  }

  @Test
  void fewTasksRunAtOnce() {
    for (int i = 0; i < 4; i++) {
      tasks.execute(lasting(TlsTasks.BUDGET / 4));
    }
    assertThat(ran).isEqualTo(4);
    assertThat(pool).isEmpty();
  }

  @Test
  void aBurstGoesToThePoolUntilTheNextWindow() {
    tasks.execute(lasting(TlsTasks.BUDGET));
    tasks.execute(lasting(1));
    assertThat(ran).isEqualTo(1);
    assertThat(pool).hasSize(1);
    clock.advance(Duration.ofNanos(TlsTasks.WINDOW));
    tasks.execute(lasting(1));
    assertThat(ran).isEqualTo(2);
    assertThat(pool).hasSize(1);
  }

  @Test
  void aTaskThatFailsIsCountedToo() {
    Runnable failing =
        () -> {
          clock.advance(Duration.ofNanos(TlsTasks.BUDGET));
          throw new IllegalStateException("no");
        };
    assertThatThrownBy(() -> tasks.execute(failing)).isInstanceOf(IllegalStateException.class);
    tasks.execute(lasting(1));
    assertThat(pool).hasSize(1);
  }
}
