package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.Relays.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which relay is home, told as stories under a manual clock. */
class HomeRelayChoiceTest {
  private static final long MS = 1_000_000;

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1_000_000_000L);
  private final Set<RelayUrl> kept = new LinkedHashSet<>();

  /** Zero: nothing is spread. */
  private long random;

  private int reports;
  private int changes;
  private HomeRelay home;

  private void start(int... relays) {
    List<RelayUrl> urls = java.util.Arrays.stream(relays).mapToObj(Relays::url).toList();
    home =
        new HomeRelay(
            urls,
            () -> random,
            new HomeRelay.Orders() {
              @Override
              public void keep(RelayUrl url) {
                kept.add(url);
              }

              @Override
              public void release(RelayUrl url) {
                assertThat(kept.remove(url)).as("released once").isTrue();
              }

              @Override
              public void homeChanged() {
                changes++;
              }

              @Override
              public void report() {
                reports++;
              }
            });
    home.onStart(now());
  }

  private long now() {
    return clock.nanoTime();
  }

  private void after(long ms) {
    clock.advance(Duration.ofMillis(ms));
    home.onTimer(now());
  }

  /** The round trips to d1, d2, … in ms; 0 for one that does not answer. */
  private void report(long... latencies) {
    Map<RelayUrl, Long> measured = new HashMap<>();
    for (int i = 0; i < latencies.length; i++) {
      if (latencies[i] > 0) {
        measured.put(url(i + 1), latencies[i] * MS);
      }
    }
    home.onReport(measured, now());
  }

  private void homeIs(int relay, long... latencies) {
    report(latencies);
    home.onConnected(url(relay), now());
    assertThat(home.connectedHome()).contains(url(relay));
  }

  @Test
  void oneRelayIsDialledAtOnceAndNotMeasured() {
    start(1);
    assertThat(kept).containsExactly(url(1));
    home.onConnected(url(1), now());
    assertThat(home.connectedHome()).contains(url(1));
    home.onLost(url(1), false, now());
    home.onNetworkChange(now());
    assertThat(reports).isZero();
    assertThat(home.deadline()).isEqualTo(UdpPath.NEVER);
    assertThat(home.connectedHome()).as("only what is connected is told").isEmpty();
    assertThat(kept).as("it is dialled for ever").containsExactly(url(1));
  }

  @Test
  void theFirstThatAnswersIsDialledBeforeTheReportIsComplete() {
    start(1, 2, 3);
    assertThat(reports).isEqualTo(1);
    assertThat(kept).isEmpty();
    home.onAnswer(url(2), now());
    home.onAnswer(url(1), now());
    assertThat(kept).containsExactly(url(2));
    home.onConnected(url(2), now());
    report(30, 25, 40);
    assertThat(home.connectedHome()).contains(url(2));
    assertThat(kept).containsExactly(url(2));
  }

  @Test
  void whereNoProbeIsAnsweredTheRelaysAreTriedInOrder() {
    start(1, 2, 3);
    after(3000);
    assertThat(kept).containsExactly(url(1));
    after(3000);
    assertThat(kept).containsExactly(url(1), url(2));
    home.onConnected(url(2), now());
    assertThat(home.connectedHome()).contains(url(2));
    assertThat(kept).containsExactly(url(2));
  }

  @Test
  void aMoveIsMadeBeforeTheOldHomeIsGivenUp() {
    start(1, 2);
    homeIs(1, 40, 50);
    report(40, 10);
    assertThat(kept).containsExactly(url(1), url(2));
    assertThat(home.connectedHome()).as("until the other is connected").contains(url(1));
    home.onConnected(url(2), now());
    assertThat(home.connectedHome()).contains(url(2));
    assertThat(kept).containsExactly(url(2));
    assertThat(home.moves()).isEqualTo(1);
  }

  @Test
  void aRelayThatIsALittleNearerIsNotWorthAMove() {
    start(1, 2);
    homeIs(1, 40, 50);
    report(40, 27);
    assertThat(kept).containsExactly(url(1));
    report(40, 26);
    assertThat(kept).containsExactly(url(1), url(2));
  }

  @Test
  void allAreMeasuredOnceHomeIsSoFarThatAMoveMayBeWorthIt() {
    start(1, 2);
    homeIs(1, 40, 50);
    assertThat(home.isFar(74 * MS, now())).isFalse();
    assertThat(home.isFar(76 * MS, now())).isTrue();
  }

  @Test
  void aNearRelayThatRefusesUsLeavesHomeWhereItIsAndIsNotTriedForAMinute() {
    start(1, 2);
    homeIs(1, 40, 50);
    report(40, 10);
    after(3000);
    assertThat(home.connectedHome()).contains(url(1));
    assertThat(kept).containsExactly(url(1));
    report(40, 10);
    assertThat(kept).containsExactly(url(1));
    after(60_000);
    report(40, 10);
    assertThat(kept).containsExactly(url(1), url(2));
  }

  @Test
  void aLostHomeThatIsBackWithinASecondStaysHome() {
    start(1, 2);
    homeIs(1, 10, 50);
    home.onLost(url(1), false, now());
    assertThat(home.connectedHome()).isEmpty();
    assertThat(reports).isEqualTo(2);
    after(900);
    home.onConnected(url(1), now());
    after(2000);
    assertThat(kept).containsExactly(url(1));
    assertThat(home.moves()).isZero();
    assertThat(changes).as("connected, lost, connected").isEqualTo(3);
  }

  @Test
  void aLostHomeIsReplacedByTheNearestAfterASecondAndThatByTheNextThreeLater() {
    start(1, 2, 3);
    homeIs(1, 10, 50, 20);
    home.onLost(url(1), false, now());
    after(1000);
    assertThat(kept).containsExactly(url(1), url(3));
    after(3000);
    assertThat(kept).containsExactly(url(1), url(3), url(2));
    home.onConnected(url(2), now());
    assertThat(home.connectedHome()).contains(url(2));
    assertThat(kept).containsExactly(url(2));
    assertThat(home.moves()).isEqualTo(1);
  }

  @Test
  void theClientsOfALostRelayDoNotComeToTheNextOneAtOnce() {
    start(1, 2);
    homeIs(1, 10, 50);
    Set<Long> waits = new LinkedHashSet<>();
    for (int i = 0; i < 10; i++) {
      random += 0x1234_5678_9abc_def1L;
      home.onLost(url(1), false, now());
      waits.add((home.deadline() - now()) / MS);
      home.onConnected(url(1), now());
    }
    assertThat(waits).hasSizeGreaterThan(5).allMatch(ms -> ms >= 1000 && ms < 1500);
  }

  @Test
  void aHomeThatSaysThatItGoesAwayIsReplacedAtOnce() {
    start(1, 2);
    homeIs(1, 10, 50);
    home.onLost(url(1), true, now());
    after(0);
    assertThat(kept).containsExactly(url(1), url(2));
  }

  @Test
  void aRelayThatDoesNotLetUsInIsJoinedByTheNextAtOnceAndKeptAsTheTokenMayChange() {
    start(1, 2);
    home.onAnswer(url(1), now());
    home.onRefused(url(1), now());
    assertThat(kept).containsExactly(url(1), url(2));
    home.onRefused(url(2), now());
    home.onRefused(url(1), now());
    assertThat(kept).containsExactly(url(1), url(2));
    home.onConnected(url(1), now());
    assertThat(home.connectedHome()).contains(url(1));
    assertThat(kept).containsExactly(url(1));
  }

  @Test
  void anOldHomeThatAnswersAgainIsTakenOnlyIfTheRuleSaysSo() {
    start(1, 2);
    homeIs(1, 30, 40);
    home.onLost(url(1), false, now());
    after(1000);
    home.onConnected(url(2), now());
    report(0, 40);
    report(30, 40);
    assertThat(home.connectedHome()).as("30 is more than two thirds of 40").contains(url(2));
    assertThat(kept).containsExactly(url(2));
    report(26, 40);
    assertThat(kept).as("nor within a minute").containsExactly(url(2));
    after(60_000);
    report(26, 40);
    assertThat(kept).containsExactly(url(2), url(1));
  }

  @Test
  void whenAllAreLostEveryOneIsDialledAndTheFirstThatIsBackIsHome() {
    start(1, 2);
    homeIs(1, 10, 50);
    home.onLost(url(1), false, now());
    after(1000);
    after(3000);
    assertThat(home.deadline()).as("nothing is left to try").isEqualTo(UdpPath.NEVER);
    assertThat(kept).containsExactly(url(1), url(2));
    home.onConnected(url(1), now());
    assertThat(home.connectedHome()).contains(url(1));
    assertThat(kept).containsExactly(url(1));
    assertThat(home.moves()).isZero();
  }

  @Test
  void aHomeThatAnswersNoProbeIsLeftForOneThatDoes() {
    start(1, 2);
    homeIs(1, 10, 50);
    report(0, 50);
    assertThat(kept).containsExactly(url(1), url(2));
    home.onConnected(url(2), now());
    assertThat(home.connectedHome()).contains(url(2));
  }

  @Test
  void aReportThatNobodyAnswersMovesNothing() {
    start(1, 2);
    homeIs(1, 10, 50);
    report(0, 0);
    assertThat(kept).containsExactly(url(1));
  }

  @Test
  void aRemovedHomeMovesOnAtOnce() {
    start(1, 2, 3);
    homeIs(1, 10, 50, 20);
    assertThat(home.remove(url(1), now())).isTrue();
    assertThat(home.connectedHome()).isEmpty();
    assertThat(kept).containsExactly(url(3));
    home.onConnected(url(3), now());
    assertThat(home.connectedHome()).contains(url(3));
    assertThat(home.moves()).isEqualTo(1);
    assertThat(home.remove(url(1), now())).as("it is not ours any more").isFalse();
  }

  @Test
  void theLastRelayCanBeRemovedAndAnotherAddedLater() {
    start(1);
    home.onConnected(url(1), now());
    home.remove(url(1), now());
    assertThat(kept).isEmpty();
    assertThat(home.wanted()).isEmpty();
    assertThat(home.insert(url(2), now())).isTrue();
    assertThat(kept).containsExactly(url(2));
    assertThat(home.insert(url(2), now())).as("twice").isFalse();
  }

  @Test
  void anAddedRelayIsMeasuredAtOnce() {
    start(1);
    home.onConnected(url(1), now());
    home.insert(url(2), now());
    assertThat(reports).isEqualTo(1);
    assertThat(kept).containsExactly(url(1));
    report(40, 10);
    assertThat(kept).containsExactly(url(1), url(2));
  }

  @Test
  void onAnotherNetworkWhatWasMeasuredBeforeDoesNotCount() {
    start(1, 2);
    homeIs(1, 10, 50);
    int before = reports;
    home.onNetworkChange(now());
    assertThat(reports).isEqualTo(before + 1);
    report(90, 50);
    assertThat(kept).containsExactly(url(1), url(2));
  }
}
