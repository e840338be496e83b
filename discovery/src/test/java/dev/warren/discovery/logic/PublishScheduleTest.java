package dev.warren.discovery.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.discovery.logic.PublishSchedule.State;
import dev.warren.testlab.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishScheduleTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 5);
  private final PublishSchedule schedule = new PublishSchedule(Duration.ofSeconds(300));

  private long now() {
    return clock.nanoTime();
  }

  private Duration pause() {
    return Duration.ofNanos(schedule.due() - now());
  }

  private void send() {
    assertThat(schedule.poll(now())).isTrue();
  }

  @Test
  void contentGoesAtOnceAndAgainAfterTheInterval() {
    assertThat(schedule.due()).isEqualTo(PublishSchedule.NEVER);
    schedule.onChanged(true, now());
    send();
    assertThat(schedule.poll(now())).as("one at a time").isFalse();
    assertThat(schedule.due()).isEqualTo(PublishSchedule.NEVER);
    schedule.onSucceeded(now());
    assertThat(pause()).isEqualTo(Duration.ofSeconds(300));
    assertThat(schedule.poll(clock.advance(Duration.ofSeconds(299)))).isFalse();
    clock.advance(Duration.ofSeconds(1));
    send();
  }

  @Test
  void failuresWaitASecondMoreEachUpToAMinuteAndASuccessBeginsAnew() {
    schedule.onChanged(true, now());
    for (int failure = 1; failure <= 70; failure++) {
      send();
      schedule.onFailed(now());
      assertThat(pause()).isEqualTo(Duration.ofSeconds(Math.min(failure, 60)));
      clock.advance(pause());
    }
    assertThat(schedule.failures()).isEqualTo(70);
    send();
    schedule.onSucceeded(now());
    assertThat(schedule.failures()).isZero();
    clock.advance(pause());
    send();
    schedule.onFailed(now());
    assertThat(pause()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aChangeOfTheNetworkEndsTheWaitAfterAFailureAndNoOther() {
    schedule.onNetworkChanged(now());
    assertThat(schedule.state()).isEqualTo(State.EMPTY);
    schedule.onChanged(true, now());
    for (int failure = 0; failure < 5; failure++) {
      send();
      schedule.onFailed(now());
      clock.advance(Duration.ofSeconds(failure));
      schedule.onNetworkChanged(now());
      clock.advance(Duration.ofMillis(500));
    }
    send();
    schedule.onNetworkChanged(now());
    assertThat(schedule.state()).isEqualTo(State.SENDING);
    schedule.onSucceeded(now());
    schedule.onNetworkChanged(now());
    assertThat(pause()).isEqualTo(Duration.ofSeconds(300));
  }

  @Test
  void aFailureWaitsNoLongerThanTheInterval() {
    PublishSchedule hasty = new PublishSchedule(Duration.ofMillis(700));
    hasty.onChanged(true, now());
    assertThat(hasty.poll(now())).isTrue();
    hasty.onFailed(now());
    assertThat(hasty.due() - now()).isEqualTo(Duration.ofMillis(700).toNanos());
  }

  @Test
  void aChangeWhileSendingIsSentRightAfter() {
    schedule.onChanged(true, now());
    send();
    schedule.onChanged(true, now());
    clock.advance(Duration.ofSeconds(2));
    schedule.onSucceeded(now());
    send();
    schedule.onChanged(true, now());
    clock.advance(Duration.ofSeconds(2));
    schedule.onFailed(now());
    send();
  }

  @Test
  void manyChangesInAMomentMakeTwoPacketsASecond() {
    int sent = 0;
    for (int i = 0; i < 1000; i++) {
      schedule.onChanged(true, now());
      if (schedule.poll(now())) {
        sent++;
        schedule.onSucceeded(now());
      }
      clock.advance(Duration.ofMillis(2));
    }
    assertThat(sent).isBetween(4, 5);
  }

  @Test
  void nothingToSayIsNotSentAndStopsTheRepeating() {
    schedule.onChanged(false, now());
    assertThat(schedule.poll(now())).isFalse();
    assertThat(schedule.state()).isEqualTo(State.EMPTY);
    schedule.onChanged(true, now());
    send();
    schedule.onChanged(false, now());
    schedule.onSucceeded(now());
    assertThat(schedule.due()).isEqualTo(PublishSchedule.NEVER);
    assertThat(schedule.poll(clock.advance(Duration.ofHours(1)))).isFalse();
    schedule.onChanged(true, now());
    send();
  }

  /**
   * What each event makes of each state: change with content, change without, the two ends, close.
   */
  @ParameterizedTest
  @CsvSource({
    "EMPTY, WAITING, EMPTY, EMPTY, EMPTY, CLOSED",
    "WAITING, WAITING, EMPTY, WAITING, WAITING, CLOSED",
    "SENDING, SENDING, SENDING, WAITING, WAITING, CLOSED",
    "CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED"
  })
  void everyEventHasItsPlaceInEveryState(
      State from, State changed, State emptied, State succeeded, State failed, State closed) {
    PublishSchedule s = in(from);
    s.onChanged(true, now());
    assertThat(s.state()).isEqualTo(changed);
    s = in(from);
    s.onChanged(false, now());
    assertThat(s.state()).isEqualTo(emptied);
    s = in(from);
    s.onSucceeded(now());
    assertThat(s.state()).isEqualTo(succeeded);
    s = in(from);
    s.onFailed(now());
    assertThat(s.state()).isEqualTo(failed);
    s = in(from);
    s.onClosed();
    assertThat(s.state()).isEqualTo(closed);
    assertThat(s.poll(now())).isFalse();
  }

  private PublishSchedule in(State state) {
    PublishSchedule s = new PublishSchedule(Duration.ofSeconds(300));
    if (state != State.EMPTY) {
      s.onChanged(true, now());
    }
    if (state == State.SENDING) {
      s.poll(now());
    }
    if (state == State.CLOSED) {
      s.onClosed();
    }
    assertThat(s.state()).isEqualTo(state);
    return s;
  }
}
