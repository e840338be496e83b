package dev.warren.discovery.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaggeredAttemptsTest {
  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
  }

  private static List<Integer> begun(StaggeredAttempts attempts, long now) {
    List<Integer> all = new ArrayList<>();
    for (OptionalInt next = attempts.poll(now); next.isPresent(); next = attempts.poll(now)) {
      all.add(next.getAsInt());
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1000, Long.MIN_VALUE})
  void theFirstBeginsAtOnceAndEachOtherAtItsOwnTime(long start) {
    ManualClock clock = new ManualClock(start);
    StaggeredAttempts attempts =
        new StaggeredAttempts(clock.nanoTime(), List.of(ms(200), ms(300), ms(300)));
    assertThat(begun(attempts, clock.nanoTime())).containsExactly(0);
    assertThat(attempts.due() - clock.nanoTime()).isEqualTo(ms(200).toNanos());
    assertThat(begun(attempts, clock.advance(ms(199)))).isEmpty();
    attempts.onFailed();
    assertThat(begun(attempts, clock.nanoTime())).as("a failure hastens nothing").isEmpty();
    assertThat(begun(attempts, clock.advance(ms(1)))).containsExactly(1);
    assertThat(begun(attempts, clock.advance(ms(500)))).containsExactly(2, 3);
    assertThat(attempts.due()).isEqualTo(StaggeredAttempts.NEVER);
  }

  /** The vector of discovery section 12.1: the third attempt has the shorter delay and wins. */
  @Test
  void delaysNeedNotBeInOrder() {
    ManualClock clock = new ManualClock();
    StaggeredAttempts attempts = new StaggeredAttempts(clock.nanoTime(), List.of(ms(1000), ms(15)));
    assertThat(begun(attempts, clock.nanoTime())).containsExactly(0);
    attempts.onFailed();
    assertThat(attempts.state()).isEqualTo(StaggeredAttempts.State.RUNNING);
    assertThat(begun(attempts, clock.advance(ms(15)))).containsExactly(2);
    attempts.onSucceeded();
    assertThat(attempts.state()).isEqualTo(StaggeredAttempts.State.WON);
    assertThat(begun(attempts, clock.advance(ms(5000)))).isEmpty();
    assertThat(attempts.due()).isEqualTo(StaggeredAttempts.NEVER);
  }

  @Test
  void allIsLostOnlyWhenTheLastHasFailed() {
    ManualClock clock = new ManualClock();
    StaggeredAttempts attempts = new StaggeredAttempts(clock.nanoTime(), List.of(ms(1)));
    assertThat(begun(attempts, clock.advance(ms(1)))).containsExactly(0, 1);
    attempts.onFailed();
    assertThat(attempts.state()).isEqualTo(StaggeredAttempts.State.RUNNING);
    attempts.onFailed();
    assertThat(attempts.state()).isEqualTo(StaggeredAttempts.State.LOST);
    attempts.onSucceeded();
    attempts.onCancelled();
    assertThat(attempts.state()).as("late").isEqualTo(StaggeredAttempts.State.LOST);
  }

  @Test
  void whatIsCancelledBeginsNothing() {
    StaggeredAttempts attempts = new StaggeredAttempts(0, List.of(ms(1)));
    attempts.onCancelled();
    assertThat(begun(attempts, ms(10).toNanos())).isEmpty();
    attempts.onFailed();
    attempts.onSucceeded();
    assertThat(attempts.state()).isEqualTo(StaggeredAttempts.State.CANCELLED);
  }

  @Test
  void jitterIsAFifthAndOfNothingNothing() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      assertThat(Jitter.of(ms(300), random)).as("seed %d", seed).isBetween(ms(240), ms(360));
    }
    assertThat(Jitter.of(Duration.ZERO, random)).isZero();
  }
}
