package dev.warren.magicsock.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path that swallows what is larger than it carries, told under a manual clock. */
class PathMtuTest {
  private static final int FULL = 1452;
  private static final int PING = 284;
  private static final long RTT = 20_000_000;

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 5_000_000_000L);
  private final PathMtu mtu = new PathMtu(FULL);
  private int carries = FULL;
  private boolean dead;
  private int pings;

  /** Lets time pass in steps of 50 ms, with or without large datagrams, and answers Pings. */
  private void pass(long ms, boolean large) {
    for (long step = 0; step < ms; step += 50) {
      if (large) {
        mtu.onLarge(clock.nanoTime());
      }
      int[] sizes = mtu.due(RTT, clock.nanoTime());
      long now = clock.advance(Duration.ofMillis(50));
      for (int size : sizes) {
        pings++;
        if (size <= carries && !dead) {
          mtu.onPong(Math.max(size, PING), 0, now);
        }
      }
    }
  }

  private void firstAnswer() {
    mtu.onProven(RTT, clock.nanoTime());
    mtu.onPong(PING, 0, clock.nanoTime());
  }

  @Test
  void aPathThatAnswersOnlyASmallPingCarriesNoMore() {
    firstAnswer();
    assertThat(mtu.limit()).isEqualTo(PING);
    assertThat(mtu.state()).isEqualTo(PathMtu.State.UNPROVEN);
  }

  @Test
  void theFullSizeIsAskedForInTheFirstFlight() {
    assertThat(mtu.onFirstPing(clock.nanoTime())).isTrue();
    clock.advance(Duration.ofMillis(20));
    firstAnswer();
    assertThat(mtu.due(RTT, clock.nanoTime())).as("its answer is on its way").isEmpty();
    mtu.onPong(FULL, 0, clock.nanoTime());
    assertThat(mtu.state()).isEqualTo(PathMtu.State.FULL);
  }

  @Test
  void whereTheFirstFlightWasLostTheFullSizeFollowsTheFirstAnswer() {
    mtu.onFirstPing(clock.nanoTime());
    clock.advance(Duration.ofSeconds(1));
    firstAnswer();
    assertThat(mtu.due(RTT, clock.nanoTime())).containsExactly(PathMtu.SMALL_PING, FULL);
  }

  @Test
  void anAddressThatNeverAnsweredGetsThreeLargePingsADial() {
    long asked =
        IntStream.range(0, 100)
            .filter(i -> mtu.onFirstPing(clock.advance(Duration.ofMillis(20))))
            .count();
    assertThat(asked).isEqualTo(PathMtu.TRIES);
    mtu.onDial();
    assertThat(mtu.onFirstPing(clock.nanoTime())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1500, 1452",
    "1451, 1444",
    "1400, 1392",
    "1372, 1372",
    "1300, 1252",
    "1240, 1232",
    "1210, 1200",
    "1100, 284"
  })
  void theLargestStepThatIsAnsweredIsFound(int carried, int expected) {
    carries = carried;
    firstAnswer();
    pass(3000, false);
    assertThat(mtu.limit()).isEqualTo(expected);
    assertThat(mtu.state()).isEqualTo(expected == FULL ? PathMtu.State.FULL : PathMtu.State.SMALL);
  }

  @Test
  void aPathThatShrinksUnderTrafficIsNoticedWithinFourSeconds() {
    firstAnswer();
    pass(5000, true);
    assertThat(mtu.limit()).isEqualTo(FULL);
    carries = 1300;
    pass(4000, true);
    assertThat(mtu.limit()).isEqualTo(1252);
  }

  @Test
  void aSmallPathThatGrowsIsNoticedUnderTraffic() {
    carries = 1252;
    firstAnswer();
    pass(3000, true);
    assertThat(mtu.limit()).isEqualTo(1252);
    carries = FULL;
    pass(5000, true);
    assertThat(mtu.state()).isEqualTo(PathMtu.State.FULL);
  }

  @Test
  void aSmallPathThatShrinksFurtherIsNoticedUnderTraffic() {
    carries = 1400;
    firstAnswer();
    pass(3000, true);
    carries = 1240;
    pass(5000, true);
    assertThat(mtu.limit()).isEqualTo(1232);
  }

  @Test
  void aSingleLostCheckChangesNothing() {
    firstAnswer();
    pass(3000, true);
    carries = 1252;
    for (int i = 0; i < 100 && mtu.state() != PathMtu.State.CHECKING; i++) {
      pass(50, true);
    }
    carries = FULL;
    pass(2000, true);
    assertThat(mtu.state()).isIn(PathMtu.State.FULL, PathMtu.State.CHECKING);
    assertThat(mtu.limit()).isEqualTo(FULL);
  }

  @Test
  void aPathThatAnswersNothingIsNotCalledSmall() {
    firstAnswer();
    pass(3000, true);
    dead = true;
    pass(10_000, true);
    assertThat(mtu.limit()).isEqualTo(FULL);
  }

  @Test
  void withoutLargeDatagramsNothingIsSent() {
    firstAnswer();
    pass(1000, false);
    int before = pings;
    pass(120_000, false);
    assertThat(pings).isEqualTo(before);
    assertThat(mtu.next(RTT, clock.nanoTime())).isEqualTo(UdpPath.NEVER);
  }

  @Test
  void checksUnderTrafficAreFew() {
    firstAnswer();
    pass(1000, true);
    int before = pings;
    pass(60_000, true);
    assertThat(pings - before).as("a small and a large one every two seconds").isLessThan(70);
  }

  @Test
  void aSmallEndpointNeedsNoLadder() {
    PathMtu small = new PathMtu(1200);
    small.onProven(RTT, 0);
    small.onPong(PING, 0, 0);
    assertThat(small.due(RTT, 0)).containsExactly(PathMtu.SMALL_PING, 1200);
    small.onPong(1200, 0, 1);
    assertThat(small.state()).isEqualTo(PathMtu.State.FULL);
  }

  @Test
  void aPathThatAnsweredTheFullSizeLateIsCheckedUnderTrafficAsAnyOther() {
    mtu.onFirstPing(clock.nanoTime());
    clock.advance(Duration.ofSeconds(1));
    mtu.onProven(RTT, clock.nanoTime());
    mtu.onPong(FULL, 0, clock.nanoTime());
    carries = 1300;
    pass(4000, true);
    assertThat(mtu.limit()).isEqualTo(1252);
  }

  @Test
  void anAnswerFromBeforeANetworkChangeProvesNoSize() {
    firstAnswer();
    pass(3000, false);
    assertThat(mtu.limit()).isEqualTo(FULL);
    mtu.reset(clock.nanoTime());
    long now = clock.advance(Duration.ofMillis(10));
    mtu.onPong(FULL, RTT, now);
    assertThat(mtu.limit()).isZero();
    assertThat(mtu.state()).isEqualTo(PathMtu.State.UNPROVEN);
    now = clock.advance(Duration.ofMillis(20));
    mtu.onPong(FULL, RTT, now);
    assertThat(mtu.state()).isEqualTo(PathMtu.State.FULL);
  }
}
