package dev.warren.serving.logic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RenewalPlanTest {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final long NANOS = Long.MAX_VALUE - 5; // a clock that wraps
  private static final Duration DAY = Duration.ofDays(1);

  private final RenewalPlan plan = new RenewalPlan(Duration.ofMinutes(5));

  @Test
  void withoutACertificateItIsTimeAtOnce() {
    assertThat(plan.isDue(NOW, NANOS)).isTrue();
  }

  @Test
  void aThirdOfTheValidityBeforeItsEndItIsTime() {
    plan.certified(NOW, NOW.plus(DAY.multipliedBy(90)));
    assertThat(plan.isDue(NOW, NANOS)).isFalse();
    assertThat(plan.isDue(NOW.plus(DAY.multipliedBy(60)).minusSeconds(1), NANOS)).isFalse();
    assertThat(plan.isDue(NOW.plus(DAY.multipliedBy(60)), NANOS)).isTrue();
    assertThat(plan.isDue(NOW.plus(DAY.multipliedBy(400)), NANOS)).isTrue();
  }

  @Test
  void afterFailuresItWaitsTwiceAsLongEachTimeButNeverMoreThanSixHours() {
    Duration[] waits = new Duration[9];
    for (int i = 0; i < waits.length; i++) {
      waits[i] = plan.failed(NANOS);
    }
    assertThat(waits)
        .extracting(Duration::toMinutes)
        .containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 320L, 360L, 360L);
  }

  @Test
  void theWaitIsByAClockThatDoesNotJump() {
    plan.failed(NANOS);
    assertThat(plan.isDue(NOW.plus(DAY), NANOS + Duration.ofMinutes(5).toNanos() - 1)).isFalse();
    assertThat(plan.isDue(NOW.minus(DAY), NANOS + Duration.ofMinutes(5).toNanos())).isTrue();
  }

  @Test
  void aCertificateEndsTheWaitAndTheDoubling() {
    plan.failed(NANOS);
    plan.failed(NANOS);
    plan.certified(NOW, NOW.plus(DAY));
    assertThat(plan.isDue(NOW.plus(DAY), NANOS)).isTrue();
    assertThat(plan.failed(NANOS)).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aThousandFailuresOverflowNothing() {
    for (int i = 0; i < 1000; i++) {
      assertThat(plan.failed(NANOS)).isPositive();
    }
  }
}
