package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.Relays.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.ManualClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What directories say of a peer, in which anybody may have written, under a manual clock. */
class FoundTest {
  private static final int FULL = 1452;
  private static final InetSocketAddress GOOD = SocketAddrs.parse("192.0.2.1:1000");

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 3_000_000_000L);
  private final List<UdpPath> pinged = new ArrayList<>();
  private final List<RelayUrl> relaysPinged = new ArrayList<>();
  private final Set<RelayUrl> connected = new HashSet<>(Set.of(url(1), url(2)));
  private int lost;
  private final PathTable table =
      new PathTable(
          new PathTable.Orders() {
            @Override
            public boolean ping(UdpPath path, int size) {
              return pinged.add(path);
            }

            @Override
            public void pingRelay(RelayUrl url) {
              relaysPinged.add(url);
            }

            @Override
            public boolean relayConnected(RelayUrl url) {
              return connected.contains(url);
            }

            @Override
            public List<RelayUrl> ownRelays() {
              return List.of();
            }

            @Override
            public void lost() {
              lost++;
            }

            @Override
            public void callMeMaybe() {}

            @Override
            public void opened(UdpPath path) {}

            @Override
            public void closed(UdpPath path, String why) {}

            @Override
            public void forgotten(UdpPath path) {}
          },
          FULL);

  private long now() {
    return clock.nanoTime();
  }

  private void after(long ms) {
    clock.advance(Duration.ofMillis(ms));
    table.onTimer(now());
  }

  private static InetSocketAddress address(int host, int port) {
    return SocketAddrs.parse("198.51.100." + host + ":" + port);
  }

  private UdpPath proven(InetSocketAddress address) {
    UdpPath path = table.add(address, "application", true, now());
    table.onPong(path, FULL, 1_000_000, now());
    return path;
  }

  private void flood(String provenance, int host, int n) {
    for (int i = 1; i <= n; i++) {
      table.addFound(address(host, i), provenance, now());
    }
    table.onFound(now());
  }

  private long foundBy(String provenance) {
    return table.paths().stream().filter(p -> p.provenance.equals(provenance)).count();
  }

  // ---- direct addresses ----

  @Test
  void oneDirectoryHasAShareAndDoesNotPushOutWhatOthersSay() {
    table.add(GOOD, "application", true, now());
    flood("dns", 1, 3);
    flood("mdns", 2, 10_000);
    assertThat(foundBy("mdns")).isEqualTo(Candidates.MAX_FOUND);
    assertThat(foundBy("dns")).isEqualTo(3);
    assertThat(table.path(GOOD)).isNotNull();
  }

  @Test
  void nothingThatWorksGivesWay() {
    UdpPath best = proven(GOOD);
    for (int i = 1; i < Candidates.MAX_PATHS; i++) {
      proven(address(9, i));
    }
    for (String provenance : new String[] {"dns", "mdns", "pkarr", "dht"}) {
      flood(provenance, 1, 1000);
    }
    assertThat(table.paths()).hasSize(Candidates.MAX_PATHS).allMatch(UdpPath::proven);
    assertThat(table.best()).isEqualTo(best);
  }

  @Test
  void aTicketFullOfOldAddressesLeavesRoomForFreshOnes() {
    for (int i = 1; i <= Candidates.MAX_PATHS; i++) {
      table.add(address(9, i), "application", true, now());
    }
    flood("dns", 1, 20);
    assertThat(foundBy("dns")).isEqualTo(Candidates.MIN_FOUND);
  }

  @Test
  void aFindingDuringADialIsProbedAtOnceAlsoAfterTheFirstBurst() {
    table.add(GOOD, "application", true, now());
    table.onDial(now());
    after(3000);
    pinged.clear();
    UdpPath found = table.addFound(address(1, 1), "dns", now());
    assertThat(table.onFound(now())).isTrue();
    assertThat(pinged).contains(found);
  }

  @Test
  void findingsWithNewsEveryMillisecondMakeNoBurstEach() {
    table.add(GOOD, "application", true, now());
    table.onDial(now());
    after(3000);
    pinged.clear();
    for (int i = 1; i <= 500; i++) {
      table.addFound(address(1, i), "mdns", now());
      table.onFound(now());
      clock.advance(Duration.ofMillis(1));
    }
    assertThat(pinged.stream().filter(p -> p.address.equals(GOOD)).count()).isLessThanOrEqualTo(2);
    assertThat(pinged.size()).as("each new address once or twice").isLessThanOrEqualTo(1100);
  }

  @Test
  void whileAPathWorksFindingsAreRememberedAndNotProbed() {
    proven(GOOD);
    table.onDial(now());
    after(5000);
    pinged.clear();
    table.addFound(address(1, 1), "dns", now());
    table.onFound(now());
    assertThat(pinged).isEmpty();
    assertThat(table.path(address(1, 1)).sources())
        .extracting(Sources.Told::provenance)
        .containsExactly("dns");
  }

  /** The first ones may be old addresses of a peer that has moved, and it may not speak disco. */
  @Test
  void everyCandidateHasItsTurnToGetTheFirstFlight() {
    for (int i = 1; i <= 6; i++) {
      table.add(address(9, i), "application", true, now());
    }
    UdpPath fresh = table.addFound(address(1, 1), "dns", now());
    table.onDial(now());
    Set<UdpPath> got = new HashSet<>();
    for (int round = 0; round < 2; round++) {
      PathChoice choice = new PathChoice();
      table.choose(choice, 1200, false, false, now());
      assertThat(choice.copies).hasSize(PathTable.FAN_OUT);
      for (UdpPath path : choice.copies) {
        table.admit(path, 1200, now());
        got.add(path);
      }
    }
    assertThat(got).hasSize(7).contains(fresh);
  }

  @Test
  void noCandidateGetsMoreCopiesThanItsShare() {
    for (int i = 1; i <= 6; i++) {
      table.add(address(9, i), "application", true, now());
    }
    table.onDial(now());
    PathChoice choice = new PathChoice();
    int copies = 0;
    for (int i = 0; i < 1000; i++) {
      table.choose(choice, 1200, false, false, now());
      copies += choice.copies.size();
      choice.copies.forEach(path -> table.admit(path, 1200, now()));
    }
    assertThat(copies).isEqualTo(6 * PathTable.COPIES);
    table.addFound(address(1, 1), "dns", now());
    table.choose(choice, 1200, false, false, now());
    assertThat(choice.copies).as("a new one has a share of its own").hasSize(1);
  }

  @Test
  void anAddressThatTheApplicationNamesTooIsTheApplications() {
    table.addFound(GOOD, "dns", now());
    table.add(GOOD, "application", true, now());
    flood("dns", 1, 100);
    assertThat(table.path(GOOD)).isNotNull();
    assertThat(table.path(GOOD).sources())
        .extracting(Sources.Told::provenance)
        .containsExactly("dns", "application");
  }

  // ---- the relay ----

  /** The peer is at a relay and answers there. */
  private void at(int relay) {
    table.relay().onTold(url(relay), now());
    table.relay().onSent(now());
    after(0);
    table.relay().onDisco();
    table.relay().onHeard(url(relay), now());
    relaysPinged.clear();
  }

  @Test
  void aRelayThatWorksIsKeptWhateverIsFound() {
    at(1);
    for (int i = 2; i < 100; i++) {
      table.relay().onFound(url(i), "mdns", now());
    }
    assertThat(table.relayUrl()).isEqualTo(url(1));
    assertThat(relaysPinged).isEmpty();
  }

  @Test
  void afterALongSilenceTheAnswerDecidesBetweenTheOldRelayAndTheFoundOne() {
    at(1);
    clock.advance(Duration.ofMinutes(1));
    table.relay().onFound(url(2), "dns", now());
    assertThat(table.relayUrl()).as("it may be nothing but a claim").isEqualTo(url(1));
    assertThat(relaysPinged).containsExactlyInAnyOrder(url(1), url(2));
    assertThat(table.relay().onPong(url(2), 1_000_000, now())).isTrue();
    assertThat(table.relayUrl()).isEqualTo(url(2));
  }

  @Test
  void whereTheOldRelayAnswersFirstItIsKept() {
    at(1);
    clock.advance(Duration.ofMinutes(1));
    table.relay().onFound(url(2), "dns", now());
    table.relay().onPong(url(1), 1_000_000, now());
    table.relay().onPong(url(2), 2_000_000, now());
    assertThat(table.relayUrl()).isEqualTo(url(1));
  }

  @Test
  void whereNeitherHasBroughtAnythingTheFoundOneIsUsedUntilTheOtherAnswers() {
    table.relay().onTold(url(1), now());
    table.relay().onFound(url(2), "mdns", now());
    assertThat(table.relayUrl()).isEqualTo(url(2));
    assertThat(relaysPinged).containsExactlyInAnyOrder(url(1), url(2));
    table.relay().onPong(url(1), 1_000_000, now());
    assertThat(table.relayUrl()).as("a Pong is proof").isEqualTo(url(1));
  }

  /** Whoever may write in a directory could draw a peer's traffic to his relay else. */
  @Test
  void theMereWordOfAFoundRelayMovesNothingThoughOursDoesNotWork() {
    at(1);
    table.relay().onFound(url(2), "mdns", now());
    connected.remove(url(1));
    table.relay().onLinkLost(url(1), now());
    for (int i = 0; i < 9; i++) {
      assertThat(table.relay().onHeard(url(2), now())).isFalse();
      table.relay().onSent(now());
      after(90);
    }
    assertThat(table.relayUrl()).isEqualTo(url(1));
  }

  @Test
  void aFoundRelayThatOnlySaysThatThePeerIsThereGivesWayToOneThatBringsItsAnswer() {
    table.relay().onFound(url(2), "mdns", now());
    table.relay().onHeard(url(2), now());
    table.relay().onFound(url(1), "dns", now());
    assertThat(table.relayUrl()).isEqualTo(url(2));
    assertThat(relaysPinged).containsExactlyInAnyOrder(url(1), url(2));
    table.relay().onHeard(url(2), now());
    assertThat(table.relay().onPong(url(1), 1_000_000, now())).isTrue();
    assertThat(table.relayUrl()).isEqualTo(url(1));
    table.relay().onFound(url(2), "mdns", now());
    assertThat(table.relay().onHeard(url(2), now())).isFalse();
    assertThat(table.relayUrl()).as("and it is not drawn back").isEqualTo(url(1));
  }

  @Test
  void manyFoundRelaysDoNotPushOutTheOneThatWasTold() {
    table.relay().onTold(url(1), now());
    for (int i = 2; i < 100; i++) {
      table.relay().onFound(url(i), "mdns", now());
    }
    assertThat(table.relay().named()).contains(url(1)).hasSizeLessThanOrEqualTo(12);
  }

  // ---- nothing works any more ----

  @Test
  void thatNoWayWorksAnyMoreIsToldSoonAndThenEveryFiveSeconds() {
    UdpPath path = proven(GOOD);
    table.onDial(now());
    for (int i = 0; i < 60; i++) {
      table.admit(path, 1200, now());
      after(100);
    }
    assertThat(lost).isEqualTo(1);
    for (int i = 0; i < 100; i++) {
      table.admit(path, 1200, now());
      after(100);
    }
    assertThat(lost).isBetween(2, 3);
  }

  /** Nodes of iroh 1.x do not answer Pings: their datagrams must be sign enough. */
  @Test
  void aPeerThatOnlySpeaksQuicIsNotLostWhileItAnswers() {
    UdpPath path = table.add(GOOD, "application", true, now());
    table.onDial(now());
    for (int i = 0; i < 200; i++) {
      table.admit(path, 1200, now());
      table.onPayload(path, 1200, now());
      after(100);
    }
    assertThat(lost).isZero();
  }

  @Test
  void whileTheRelayWorksNothingIsLost() {
    UdpPath path = proven(GOOD);
    at(1);
    table.onDial(now());
    for (int i = 0; i < 40; i++) {
      table.admit(path, 1200, now());
      table.relay().onHeard(url(1), now());
      after(100);
    }
    assertThat(lost).isZero();
  }
}
