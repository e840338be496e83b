package dev.warren.discovery.local.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SendBudgetTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 5);
  private final SendBudget budget = new SendBudget(clock.nanoTime());

  private int takeAll() {
    int taken = 0;
    while (budget.take(clock.nanoTime())) {
      taken++;
    }
    return taken;
  }

  @Test
  void twentyAtOnceAndTenASecond() {
    assertThat(takeAll()).isEqualTo(20);
    clock.advance(Duration.ofSeconds(1));
    assertThat(takeAll()).isEqualTo(10);
    clock.advance(Duration.ofMinutes(1));
    assertThat(takeAll()).isEqualTo(20);
  }
}
