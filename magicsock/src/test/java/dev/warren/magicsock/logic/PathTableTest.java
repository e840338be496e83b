package dev.warren.magicsock.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.ManualClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of the path table, told as stories under a manual clock. */
class PathTableTest {
  private static final InetSocketAddress X = SocketAddrs.parse("192.0.2.1:1000");
  private static final int FULL = 1452;
  private static final RelayUrl RELAY = Relays.url(1);
  private static final InetSocketAddress Y = SocketAddrs.parse("192.0.2.2:1000");

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 3_000_000_000L);
  private final List<Integer> sizes = new ArrayList<>();
  private final List<UdpPath> pinged = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final List<UdpPath> forgotten = new ArrayList<>();
  private int calls;
  private int relayPings;
  private boolean haveRelay = true;
  private boolean relayConnected = true;
  private final PathTable table =
      new PathTable(
          new PathTable.Orders() {
            @Override
            public boolean ping(UdpPath path, int size) {
              sizes.add(size);
              return size != PathMtu.SMALL_PING || pinged.add(path);
            }

            @Override
            public void pingRelay(RelayUrl url) {
              relayPings++;
            }

            @Override
            public boolean relayConnected(RelayUrl url) {
              return relayConnected;
            }

            @Override
            public List<RelayUrl> ownRelays() {
              return List.of();
            }

            @Override
            public void callMeMaybe() {
              calls++;
            }

            @Override
            public void opened(UdpPath path) {}

            @Override
            public void closed(UdpPath path, String why) {
              closed.add(why);
            }

            @Override
            public void forgotten(UdpPath path) {
              forgotten.add(path);
            }
          },
          FULL);
  private final PathChoice choice = new PathChoice();

  private long after(long ms) {
    long now = clock.advance(Duration.ofMillis(ms));
    table.onTimer(now);
    return now;
  }

  private void choose() {
    choose(1200);
  }

  private void choose(int size) {
    table.choose(choice, size, false, haveRelay, clock.nanoTime());
  }

  private UdpPath confirmed(InetSocketAddress address, long rttMs) {
    UdpPath path = table.add(address, "test", true, clock.nanoTime());
    table.onPong(path, FULL, rttMs * 1_000_000, clock.nanoTime());
    return path;
  }

  @Test
  void aDialProbesAtOnceAndThenBySchedule() {
    table.add(X, "test", true, clock.nanoTime());
    table.onDial(clock.nanoTime());
    assertThat(pinged).hasSize(1);
    assertThat(calls).isEqualTo(1);
    for (long ms : new long[] {25, 35, 60, 130, 250, 500, 1000}) {
      after(ms);
    }
    assertThat(pinged).hasSize(8);
  }

  @Test
  void anUnansweredPathTellsSinceWhenThisDialTriesIt() {
    UdpPath path = table.add(X, "test", true, clock.nanoTime());
    assertThat(path.since()).isEqualTo(UdpPath.NEVER);
    table.onDial(clock.nanoTime());
    after(1000);
    long dialled = after(60_000);
    table.onDial(dialled);
    long later = after(2000);
    assertThat(path.since()).as("not since the first dial, not since now").isEqualTo(dialled);
    table.onPong(path, FULL, 1, later);
    assertThat(path.since()).as("confirmed").isEqualTo(later);
  }

  @Test
  void beforeAnyPongTheRelayAndTheCandidatesGetTheDatagrams() {
    table.add(X, "test", true, clock.nanoTime());
    table.add(Y, "test", true, clock.nanoTime());
    table.onDial(clock.nanoTime());
    choose();
    assertThat(choice.relay).isTrue();
    assertThat(choice.copies).hasSize(2);
  }

  @Test
  void copiesToAnUnprovenCandidateEnd() {
    UdpPath path = table.add(X, "test", true, clock.nanoTime());
    table.onDial(clock.nanoTime());
    for (int i = 0; i < PathTable.COPIES; i++) {
      choose();
      assertThat(choice.copies).containsExactly(path);
      table.admit(path, 1200, clock.nanoTime());
    }
    choose();
    assertThat(choice.copies).isEmpty();
    assertThat(choice.relay).isTrue();
  }

  @Test
  void aPongTakesTheTrafficAndTrustRunsOut() {
    UdpPath path = confirmed(X, 10);
    table.onDial(clock.nanoTime());
    choose();
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.relay).isFalse();
    clock.advance(Duration.ofMillis(6600));
    choose();
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.relay).isTrue();
    after(3000);
    choose();
    assertThat(choice.direct).isNull();
    assertThat(closed).hasSize(1);
  }

  @Test
  void payloadKeepsTrust() {
    UdpPath path = confirmed(X, 10);
    table.onDial(clock.nanoTime());
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(5));
      table.onPayload(path, 1200, clock.nanoTime());
    }
    choose();
    assertThat(choice.relay).isFalse();
  }

  @Test
  void silenceUnderTrafficIsNoticedWithinThreeSeconds() {
    UdpPath path = confirmed(X, 10);
    table.onDial(clock.nanoTime());
    for (int ms = 0; ms < 3000; ms += 100) {
      choose();
      if (choice.direct != null) {
        table.admit(path, 1200, clock.nanoTime());
      }
      after(100);
    }
    choose();
    assertThat(choice.direct).isNull();
    assertThat(choice.relay).isTrue();
    assertThat(closed).containsExactly("no answer for 2.5 s under traffic");
  }

  @Test
  void theRelayGoesAlongWhileAPathIsSilentForLongerThanAnswersTake() {
    UdpPath path = confirmed(X, 50);
    table.onDial(clock.nanoTime());
    choose();
    table.admit(path, 1200, clock.nanoTime());
    after(490);
    choose();
    assertThat(choice.relay).isFalse();
    after(20);
    choose();
    assertThat(choice.relay).isTrue();
    assertThat(choice.direct).isEqualTo(path);
    table.onPayload(path, 40, clock.nanoTime());
    choose();
    assertThat(choice.relay).isFalse();
  }

  @Test
  void aFarPathIsNotDoubtedWhileItsAnswersAreOnTheirWay() {
    UdpPath path = confirmed(X, 600);
    table.admit(path, 1200, clock.nanoTime());
    after(1500);
    choose();
    assertThat(choice.relay).isFalse();
  }

  @Test
  void aClearlyFasterPathTakesOverASimilarOneDoesNot() {
    UdpPath first = confirmed(X, 100);
    UdpPath similar = confirmed(Y, 95);
    assertThat(table.best()).isSameAs(first);
    table.onPong(similar, FULL, 50_000_000, clock.nanoTime());
    assertThat(table.best()).isSameAs(similar);
  }

  @Test
  void whoWritesUnaskedGetsNoMoreThanHeSentUntilHeIsProven() {
    UdpPath path = table.add(X, "datagram", false, clock.nanoTime());
    table.onPayload(path, 1200, clock.nanoTime());
    assertThat(table.admit(path, 1200, clock.nanoTime())).isTrue();
    assertThat(table.admit(path, 1, clock.nanoTime())).isFalse();
    table.onPong(path, FULL, 1_000_000, clock.nanoTime());
    assertThat(table.admit(path, 100_000, clock.nanoTime())).isTrue();
  }

  @Test
  void whoComesBackToAnAddressThatWasGivenUpGetsAnswersAsAnyStrangerDoes() {
    UdpPath path = table.add(X, "probe", false, clock.nanoTime());
    table.onPing(path, new byte[] {1}, 284, clock.nanoTime());
    table.onPong(path, FULL, 1_000_000, clock.nanoTime());
    assertThat(table.admit(path, 1_000_000, clock.nanoTime())).isTrue();
    after(1100);
    after(1500);
    assertThat(closed).hasSize(1);
    assertThat(path.mayAnswer(1)).as("no credit from before").isFalse();
    pinged.clear();

    table.onPing(path, new byte[] {2}, 284, clock.nanoTime());
    assertThat(path.mayAnswer(111)).as("a Pong").isTrue();
    path.countSent(111);
    table.pingBack(path, clock.nanoTime());
    assertThat(pinged).as("and a Ping").containsExactly(path);
    path.countSent(124);
    assertThat(table.admit(path, 284 - 111 - 124 + 1, clock.nanoTime())).isFalse();
    assertThat(path.sent()).as("statistics stay").isEqualTo(1_000_000 + 111 + 124);
  }

  @Test
  void aReplayedPingGetsNoSecondAnswer() {
    UdpPath path = table.add(X, "probe", false, clock.nanoTime());
    byte[] tx = new byte[12];
    assertThat(table.onPing(path, tx, 284, clock.nanoTime())).isTrue();
    assertThat(table.onPing(path, tx.clone(), 284, clock.nanoTime())).isFalse();
  }

  @Test
  void theNumberOfCandidatesIsBounded() {
    for (int i = 0; i < 1000; i++) {
      table.add(SocketAddrs.parse("192.0.2.1:" + (i + 1)), "call-me-maybe", true, clock.nanoTime());
    }
    assertThat(table.paths()).hasSize(Candidates.MAX_PATHS);
    assertThat(forgotten)
        .as("each that had to go was told of")
        .hasSize(1000 - Candidates.MAX_PATHS);
  }

  @Test
  void anUnusedPeerNeedsNoTimer() {
    confirmed(X, 10);
    table.onDial(clock.nanoTime());
    assertThat(table.onTimer(clock.advance(Duration.ofSeconds(46)))).isEqualTo(UdpPath.NEVER);
  }

  /** Whoever knows our id can name addresses through a relay: those of a victim, and often. */
  @Test
  void callMeMaybesThatComeTooSoonMakeUsPingNobody() {
    long ms = Probes.CALLED_EVERY / 1_000_000;
    assertThat(table.onCallMeMaybe(List.of(victim(0)), clock.nanoTime())).isTrue();
    int pings = pinged.size();
    assertThat(pings).isPositive();
    for (int i = 1; i <= 100; i++) {
      assertThat(table.onCallMeMaybe(List.of(victim(i), victim(0)), clock.nanoTime())).isFalse();
    }
    assertThat(pinged).hasSize(pings);
    clock.advance(Duration.ofMillis(ms));
    assertThat(table.onCallMeMaybe(List.of(victim(0)), clock.nanoTime())).isTrue();
    assertThat(pinged.size()).isGreaterThan(pings);
  }

  @Test
  void whatOnlyThePeerNamesGetsALargePingOnceItHasAnsweredASmallOne() {
    table.onCallMeMaybe(List.of(X), clock.nanoTime());
    for (int i = 0; i < 50; i++) {
      after(100);
    }
    assertThat(pinged).isNotEmpty();
    assertThat(sizes).containsOnly(PathMtu.SMALL_PING);
    table.onPong(pinged.get(0), 284, 10_000_000, clock.nanoTime());
    assertThat(sizes).as("and then at once").contains(FULL);
  }

  private static InetSocketAddress victim(int i) {
    return new InetSocketAddress("10.9.8." + i, 53);
  }

  private UdpPath small(InetSocketAddress address) {
    table.onHeardByRelay(RELAY, clock.nanoTime());
    return smallBesideAnUntriedRelay(address);
  }

  private UdpPath smallBesideAnUntriedRelay(InetSocketAddress address) {
    table.relay().onTold(RELAY, clock.nanoTime());
    UdpPath path = table.add(address, "test", true, clock.nanoTime());
    table.onPong(path, 284, 10_000_000, clock.nanoTime());
    return path;
  }

  /** QUIC has found out that this size gets through. */
  private void carried(int size) {
    choose(size);
    assertThat(choice.relay).isTrue();
    assertThat(choice.direct).isNull();
  }

  @Test
  void theFullSizeIsProbedInTheSameFlightAsTheSmallPing() {
    table.add(X, "test", true, clock.nanoTime());
    table.onDial(clock.nanoTime());
    assertThat(sizes).containsExactly(PathMtu.SMALL_PING, FULL);
  }

  @Test
  void whatAnswersSmallPingsOnlyCarriesSmallDatagramsAndTheRelayTheLargeOnes() {
    carried(FULL);
    UdpPath path = small(X);
    choose(200);
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.tooLarge || choice.relay).isFalse();
    choose(FULL);
    assertThat(choice.tooLarge && choice.relay).isTrue();
  }

  @Test
  void smallDatagramsStayWithTheLargeOnesForASecond() {
    carried(FULL);
    small(X);
    choose(FULL);
    clock.advance(Duration.ofMillis(900));
    choose(100);
    assertThat(choice.tooLarge && choice.relay).isTrue();
    assertThat(table.diverted(clock.nanoTime())).isTrue();
    clock.advance(Duration.ofMillis(200));
    choose(100);
    assertThat(choice.tooLarge || choice.relay).isFalse();
  }

  @Test
  void theAnswerToAFullSizePingTakesEverythingAtOnce() {
    carried(FULL);
    UdpPath path = small(X);
    choose(FULL);
    table.onPong(path, FULL, 10_000_000, clock.nanoTime());
    choose(FULL);
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.tooLarge || choice.relay).isFalse();
  }

  @Test
  void quicsOwnSearchForThePathMtuSharesTheFateOfTheDirectPath() {
    small(X);
    for (int i = 0; i < Diversion.MTU_PROBES; i++) {
      choose(FULL);
      assertThat(choice.tooLarge || choice.relay).isFalse();
    }
    choose(FULL);
    assertThat(choice.tooLarge && choice.relay).as("so many are data").isTrue();
  }

  @Test
  void withoutARelayASmallPathFragmentsOnceItIsKnownToBeSmall() {
    carried(FULL);
    haveRelay = false;
    UdpPath path = small(X);
    choose(FULL);
    assertThat(choice.tooLarge).as("not known yet").isFalse();
    for (int i = 0; i < 6; i++) {
      table.onPong(path, 284, 10_000_000, clock.nanoTime());
      after(400);
    }
    choose(FULL);
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.tooLarge).isTrue();
    assertThat(choice.relay).isFalse();
  }

  /** A peer of whom no relay is known is tried at ours, but that does not make it be there. */
  @Test
  void aRelayThatHasBroughtNothingFromThePeerReplacesNoDirectPathUntilItDoes() {
    carried(FULL);
    UdpPath path = smallBesideAnUntriedRelay(X);
    choose(FULL);
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.relay || choice.tooLarge).as("direct, not known to be small").isFalse();
    for (int i = 0; i < 6; i++) {
      table.onPong(path, 284, 10_000_000, clock.nanoTime());
      after(400);
    }
    choose(FULL);
    assertThat(choice.relay).isFalse();
    assertThat(choice.tooLarge).as("in fragments").isTrue();
    assertThat(table.admit(path, FULL, clock.nanoTime())).isTrue();
    after(10);
    assertThat(relayPings).as("but it is asked").isPositive();

    table.onHeardByRelay(RELAY, clock.nanoTime());
    choose(FULL);
    assertThat(choice.tooLarge && choice.relay).isTrue();
    relayConnected = false;
    choose(FULL);
    assertThat(choice.relay).as("its connection is lost").isFalse();
  }

  @Test
  void aNetworkChangeLeavesTheOldPathThreeSecondsToAnswer() {
    UdpPath path = confirmed(X, 10);
    table.onDial(clock.nanoTime());
    table.onNetworkChange(clock.nanoTime());
    choose();
    assertThat(choice.direct).isSameAs(path);
    assertThat(choice.relay).isTrue();
    after(3100);
    choose();
    assertThat(choice.direct).isNull();
  }

  @Test
  void whatTheRelayCarriedInPlaceOfASmallPathIsNoSearchLater() {
    small(X);
    choose(1200);
    assertThat(choice.tooLarge && choice.relay).as("not known to be carried").isTrue();
    choose(FULL);
    assertThat(choice.relay).as("a search, though the others are diverted").isFalse();
    for (int i = 0; i < Diversion.MTU_PROBES; i++) {
      choose(FULL);
    }
    assertThat(choice.tooLarge && choice.relay).isTrue();
    clock.advance(Duration.ofMillis(1100));
    choose(FULL);
    assertThat(choice.tooLarge && choice.relay).as("known from now on").isTrue();
  }

  @Test
  void aBatchIsNoSearchForThePathMtu() {
    small(X);
    table.choose(choice, FULL, true, true, clock.nanoTime());
    assertThat(choice.tooLarge && choice.relay).isTrue();
  }

  /** Lets the table run whenever it wants to. */
  private int wakeUps(long ms) {
    long end = clock.nanoTime() + ms * 1_000_000;
    int n = 0;
    while (table.deadline() != UdpPath.NEVER && table.deadline() - end <= 0) {
      clock.advance(Duration.ofNanos(Math.max(0, table.deadline() - clock.nanoTime())));
      table.onTimer(clock.nanoTime());
      n++;
    }
    clock.advance(Duration.ofNanos(end - clock.nanoTime()));
    return n;
  }

  @Test
  void theRelayIsPingedEveryFiveSecondsWhileItIsUsedAndNotAfterwards() {
    table.relay().onTold(RELAY, clock.nanoTime());
    for (int s = 0; s < 20; s++) {
      table.onHeardByRelay(RELAY, clock.nanoTime());
      table.onRelaySent(clock.nanoTime());
      wakeUps(1000);
    }
    assertThat(relayPings).isBetween(4, 5);
    int before = relayPings;
    wakeUps(40_000);
    assertThat(relayPings).isBetween(before, before + 1);
    table.relay().onPong(RELAY, 5_000_000, clock.nanoTime());
    assertThat(table.relay().rtt()).isEqualTo(5_000_000);
  }

  @Test
  void anIdlePathWakesUsForItsHeartbeatOnly() {
    UdpPath path = confirmed(X, 10);
    table.onPong(path, FULL, 10_000_000, clock.nanoTime());
    table.used(clock.nanoTime());
    int wakes = 0;
    for (int s = 0; s < 40; s++) {
      wakes += wakeUps(1000);
      if (pinged.size() > 0) {
        pinged.clear();
        table.onPong(path, 284, 10_000_000, clock.nanoTime());
      }
    }
    assertThat(wakes).as("in 40 seconds").isLessThanOrEqualTo(12);
    assertThat(closed).isEmpty();
  }

  @Test
  void anIdleTableWithoutAnyPathWakesUsEveryFiveSeconds() {
    table.add(X, "test", true, clock.nanoTime());
    table.onDial(clock.nanoTime());
    wakeUps(3000);
    assertThat(wakeUps(30_000)).isLessThanOrEqualTo(8);
    wakeUps(20_000);
    assertThat(table.deadline()).as("after 45 s without use").isEqualTo(UdpPath.NEVER);
  }

  @Test
  void silenceUnderTrafficIsNoticedThoughTheTableSleeps() {
    UdpPath path = confirmed(X, 10);
    table.used(clock.nanoTime());
    wakeUps(2000);
    for (int i = 0; i < 30 && closed.isEmpty(); i++) {
      table.admit(path, 1200, clock.nanoTime());
      wakeUps(100);
    }
    assertThat(closed).containsExactly("no answer for 2.5 s under traffic");
  }
}
