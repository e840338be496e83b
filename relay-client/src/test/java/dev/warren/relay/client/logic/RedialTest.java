package dev.warren.relay.client.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedialTest {
  private static final long MS = 1_000_000;

  private final long seed = System.nanoTime();
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 5_000 * MS);
  private final Redial redial = new Redial(new Backoff(new SplittableRandom(seed)));

  private long later(long ms) {
    return clock.advance(Duration.ofMillis(ms));
  }

  // ---- one client ----

  @Test
  void anAnnouncedRestartIsWaitedForAsTold() {
    redial.onRestarting(3_000, 10_000, clock.nanoTime());
    later(50);
    assertThat(redial.onLost(true, clock.nanoTime())).as("seed " + seed).isBetween(3_010L, 3_500L);
  }

  @Test
  void failuresDuringAnAnnouncedRestartAreNoReasonToBackOff() {
    redial.onRestarting(0, 10_000, clock.nanoTime());
    redial.onLost(true, clock.nanoTime());
    for (int i = 0; i < 19; i++) {
      assertThat(redial.onFailed(later(500))).as("seed " + seed).isBetween(10L, 1000L);
    }
    assertThat(redial.attempts()).isEqualTo(1);
    for (int i = 0; i < 20; i++) {
      redial.onFailed(later(1000));
    }
    assertThat(redial.attempts()).isEqualTo(20);
  }

  @Test
  void aRelayCannotKeepUsAwayForDays() {
    redial.onRestarting(0xffff_ffffL, 0xffff_ffffL, clock.nanoTime());
    assertThat(redial.onLost(true, clock.nanoTime()))
        .as("seed " + seed)
        .isBetween(60_000L, 60_500L);
    redial.onFailed(later(121_000));
    redial.onFailed(later(1));
    assertThat(redial.attempts()).isEqualTo(2);
  }

  @Test
  void anAnnouncementThatCameToNothingIsForgotten() {
    redial.onRestarting(30_000, 30_000, clock.nanoTime());
    assertThat(redial.onLost(true, later(60_001))).as("seed " + seed).isBetween(10L, 500L);
  }

  @Test
  void aConnectionThatNeverWorkedCountsAsAFailure() {
    redial.onLost(false, clock.nanoTime());
    redial.onLost(false, later(1));
    assertThat(redial.attempts()).isEqualTo(2);
    redial.onEstablished();
    assertThat(redial.attempts()).isEqualTo(1);
  }

  /** One brief connection after the other, each lasting so long. Returns the waits. */
  private List<Long> brief(int n, boolean announced) {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      redial.onConnected(later(100));
      redial.onEstablished();
      if (announced) {
        redial.onRestarting(0, 0xffff_ffffL, clock.nanoTime());
      }
      waits.add(redial.onLost(true, later(50)));
    }
    return waits;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRelayThatTakesUsAndDropsUsAgainAndAgainIsDialledEverMoreSeldom(boolean announced) {
    List<Long> waits = brief(400, announced);
    assertThat(waits.subList(0, Redial.BRIEF_ONES))
        .as("seed " + seed)
        .allMatch(w -> w >= 10 && w <= 500);
    double mean = waits.subList(200, 400).stream().mapToLong(w -> w).average().orElse(0);
    assertThat(mean).as("seed " + seed).isBetween(12_000.0, 18_000.0);
  }

  @Test
  void oneConnectionThatLastsMakesTheWaitsShortAgain() {
    brief(20, false);
    redial.onConnected(later(100));
    redial.onEstablished();
    assertThat(redial.onLost(true, later(10_000))).as("seed " + seed).isBetween(10L, 500L);
    assertThat(brief(Redial.BRIEF_ONES, false)).as("seed " + seed).allMatch(w -> w <= 500);
  }

  @Test
  void anotherTokenMakesRefusalsOfTheOldOneWorthNothing() {
    for (int i = 0; i < 5; i++) {
      redial.onDenied();
    }
    redial.onChange();
    assertThat(redial.onDenied()).as("seed " + seed).isBetween(30_000L, 60_000L);
  }

  // ---- a thousand ----

  private record Attempt(long at, Redial client) {}

  /** When a thousand clients dial a relay that is away for so long, ms after it went. */
  private List<Long> dials(long downMs, boolean announced) {
    PriorityQueue<Attempt> due = new PriorityQueue<>(Comparator.comparingLong(Attempt::at));
    for (int i = 0; i < 1000; i++) {
      Redial client = new Redial(new Backoff(new SplittableRandom(seed + i)));
      if (announced) {
        client.onRestarting(0, 10_000, clock.nanoTime());
      }
      due.add(new Attempt(client.onLost(true, clock.nanoTime()), client));
    }
    List<Long> all = new ArrayList<>();
    long now = 0;
    while (!due.isEmpty()) {
      Attempt next = due.remove();
      later(next.at() - now);
      now = next.at();
      all.add(now);
      if (now < downMs) {
        due.add(new Attempt(now + next.client().onFailed(clock.nanoTime()), next.client()));
      }
    }
    return all;
  }

  private static int busiest(List<Long> dials, long from, long window) {
    int most = 0;
    int first = 0;
    for (int last = 0; last < dials.size(); last++) {
      while (dials.get(last) - dials.get(first) >= window) {
        first++;
      }
      most = dials.get(first) >= from ? Math.max(most, last - first + 1) : most;
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 300, 1_000, 3_000, 10_000, 60_000})
  void aRestartUnderAThousandClientsIsNoStampede(long downMs) {
    List<Long> dials = dials(downMs, false);
    // Evenly spread over half a second would be 200 in 100 ms.
    assertThat(busiest(dials, 0, 100)).as("seed " + seed).isLessThan(400);
    assertThat(busiest(dials, Math.max(1000, downMs), 100)).as("seed " + seed).isLessThan(200);
    assertThat(dials.get(dials.size() - 1))
        .as("the last one back, seed " + seed)
        .isLessThan(downMs + 30_001);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000, 9_000})
  void norIsAnAnnouncedOneAndThenAllAreBackWithinASecond(long downMs) {
    List<Long> dials = dials(downMs, true);
    assertThat(busiest(dials, 0, 100)).as("seed " + seed).isLessThan(400);
    assertThat(dials.get(dials.size() - 1)).as("seed " + seed).isLessThanOrEqualTo(downMs + 1000);
  }
}
