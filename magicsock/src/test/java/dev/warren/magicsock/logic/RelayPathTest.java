package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.Relays.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Through which relay a peer is reached, told as stories under a manual clock. */
class RelayPathTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 2_000_000_000L);
  private final Set<RelayUrl> connected = new HashSet<>(Set.of(url(1), url(2), url(3)));
  private final List<RelayUrl> pinged = new ArrayList<>();
  private List<RelayUrl> own = List.of();
  private final RelayPath path =
      new RelayPath(
          new RelayPath.Orders() {
            @Override
            public void pingRelay(RelayUrl url) {
              pinged.add(url);
            }

            @Override
            public boolean relayConnected(RelayUrl url) {
              return connected.contains(url);
            }

            @Override
            public List<RelayUrl> ownRelays() {
              return own;
            }
          });

  private long now() {
    return clock.nanoTime();
  }

  private void after(long ms) {
    clock.advance(Duration.ofMillis(ms));
    path.onTimer(now());
  }

  private void heard(int relay) {
    path.onDisco();
    path.onHeard(url(relay), now());
  }

  /** The peer is at a relay, answers there, and is sent to. */
  private void at(int relay) {
    path.onTold(url(relay), now());
    path.onSent(now());
    after(0);
    heard(relay);
    pinged.clear();
  }

  @Test
  void aRelayThatWorksIsKeptWhateverOthersBring() {
    at(1);
    assertThat(path.onHeard(url(2), now())).isFalse();
    assertThat(path.current()).isEqualTo(url(1));
  }

  @Test
  void anOldTicketDoesNotInterruptWhatWorksButIsTriedOnceThePeerIsSilent() {
    at(1);
    path.onTold(url(2), now());
    assertThat(path.current()).isEqualTo(url(1));
    after(8000);
    path.onTold(url(2), now());
    assertThat(path.current()).isEqualTo(url(2));
  }

  @Test
  void onceTheConnectionIsLostTheFirstWordThroughOneOfOursIsEnough() {
    own = List.of(url(2));
    at(1);
    connected.remove(url(1));
    path.onLinkLost(url(1), now());
    assertThat(path.onHeard(url(2), now())).isTrue();
    assertThat(path.current()).isEqualTo(url(2));
    after(5000);
    assertThat(path.searching()).isFalse();
  }

  /** Whoever runs a relay that we are connected to can say so of anybody. */
  @Test
  void theMereWordOfAForeignRelayMovesNothingThoughOursDoesNotWork() {
    at(1);
    connected.remove(url(1));
    path.onLinkLost(url(1), now());
    for (int i = 0; i < 10; i++) {
      assertThat(path.onHeard(url(2), now())).isFalse();
      path.onSent(now());
      after(90);
    }
    assertThat(path.current()).isEqualTo(url(1));
    connected.add(url(1));
    assertThat(path.onHeard(url(1), now())).isFalse();
    after(10);
    assertThat(path.current()).isEqualTo(url(1));
  }

  @Test
  void thePeersPingThereMayBeAnOldOneSoItsAnswerToOursMoves() {
    at(1);
    path.onPing(url(2), now());
    assertThat(pinged).as("ours works").isEmpty();
    connected.remove(url(1));
    path.onLinkLost(url(1), now());
    assertThat(path.onPing(url(2), now())).isFalse();
    assertThat(pinged).containsExactly(url(2));
    assertThat(path.onPong(url(2), 5_000_000, now())).isTrue();
    assertThat(path.current()).isEqualTo(url(2));
    assertThat(path.rtt()).isEqualTo(5_000_000);
  }

  @Test
  void aClaimIsAnsweredWhereNothingElseIsKnownAndGivenUpForAnyBetterWord() {
    assertThat(path.onHeard(url(2), now())).isTrue();
    assertThat(path.onHeard(url(3), now())).as("another claim").isFalse();
    assertThat(path.current()).isEqualTo(url(2));
    path.onTold(url(1), now());
    assertThat(path.current()).isEqualTo(url(1));
  }

  @Test
  void aClaimIsNotWhereWeDial() {
    path.onHeard(url(2), now());
    own = List.of(url(3));
    path.onDial(Optional.of(url(3)), now());
    assertThat(path.current()).isEqualTo(url(3));
  }

  @Test
  void whoCameByAForeignRelayOnlyIsFoundThereOnceTheToldOnesBroughtNothing() {
    path.onHeard(url(2), now());
    path.onTold(url(1), now());
    for (int i = 0; i < 8; i++) {
      path.onSent(now());
      after(500);
      if (url(2).equals(path.current())) {
        path.onHeard(url(2), now());
      }
    }
    assertThat(path.current()).isEqualTo(url(2));
    assertThat(path.searching()).isFalse();
  }

  @Test
  void aBlipOfTheConnectionStartsNoSearch() {
    own = List.of(url(2));
    at(1);
    connected.remove(url(1));
    path.onLinkLost(url(1), now());
    path.onSent(now());
    after(900);
    assertThat(pinged).isEmpty();
    connected.add(url(1));
    after(200);
    assertThat(pinged).doesNotContain(url(2));
    assertThat(path.current()).isEqualTo(url(1));
  }

  @Test
  void aLostRelayMakesUsAskWhereverThePeerMayBe() {
    own = List.of(url(3));
    at(1);
    after(8000);
    path.onTold(url(2), now());
    heard(2);
    pinged.clear();
    connected.remove(url(2));
    path.onLinkLost(url(2), now());
    path.onSent(now());
    after(1000);
    assertThat(pinged).containsExactlyInAnyOrder(url(1), url(2), url(3));
    assertThat(path.current()).as("traffic takes one that is connected").isNotEqualTo(url(2));
    heard(3);
    assertThat(path.current()).isEqualTo(url(3));
    assertThat(path.searching()).isFalse();
  }

  @Test
  void thePeerIsSearchedForEverMoreSeldomAndNotAtAllOnceNobodySends() {
    own = List.of(url(2));
    at(1);
    connected.clear();
    path.onLinkLost(url(1), now());
    List<Long> times = new ArrayList<>();
    for (int ms = 0; ms < 40_000; ms += 100) {
      if (ms % 1000 == 0) {
        path.onSent(now());
      }
      int before = pinged.size();
      after(100);
      if (pinged.size() > before) {
        times.add(ms + 100L);
        assertThat(pinged.size() - before).isLessThanOrEqualTo(2);
      }
    }
    assertThat(times).startsWith(1000L, 1500L, 2500L, 4500L, 8500L, 16_500L, 24_500L);
    pinged.clear();
    after(15_000);
    after(10_000);
    after(10_000);
    assertThat(pinged).isEmpty();
    assertThat(path.searching()).isFalse();
  }

  @Test
  void aRelayThatSaysThatThePeerHasLeftIsLeftAfterASecond() {
    own = List.of(url(2));
    at(1);
    path.onLeft(url(1), now());
    path.onSent(now());
    after(900);
    assertThat(pinged).isEmpty();
    after(100);
    assertThat(pinged).contains(url(2));
  }

  @Test
  void aPeerThatIsBackWithinThatSecondIsNotSearchedFor() {
    own = List.of(url(2));
    at(1);
    path.onLeft(url(1), now());
    path.onSent(now());
    after(500);
    heard(1);
    after(2000);
    assertThat(pinged).doesNotContain(url(2));
  }

  @Test
  void aPingThatIsNotAnsweredStartsASearch() {
    own = List.of(url(2));
    at(1);
    for (int i = 0; i < 8; i++) {
      path.onSent(now());
      after(1000);
    }
    assertThat(pinged).contains(url(1), url(2));
  }

  @Test
  void aPeerThatAnswersPingsIsNotSearchedForThoughItsTrafficTakesAnotherRelay() {
    own = List.of(url(2));
    at(1);
    for (int i = 0; i < 600; i++) {
      path.onSent(now());
      int before = pinged.size();
      after(100);
      if (pinged.size() > before) {
        heard(1);
      }
      path.onHeard(url(3), now());
    }
    assertThat(pinged).containsOnly(url(1)).hasSizeBetween(11, 13);
    assertThat(path.current()).isEqualTo(url(1));
  }

  @Test
  void aPeerWithoutDiscoIsSearchedForOnceThreeDatagramsBroughtNothing() {
    own = List.of(url(2));
    path.onTold(url(1), now());
    for (int i = 0; i < 3; i++) {
      assertThat(path.searching()).isFalse();
      path.onSent(now());
      after(500);
    }
    assertThat(path.searching()).isTrue();
    assertThat(path.current()).as("its traffic takes turns").isEqualTo(url(2));
    after(500);
    assertThat(path.current()).isEqualTo(url(1));
  }

  @Test
  void aPeerWithoutDiscoThatAnswersIsNotSearchedFor() {
    own = List.of(url(2));
    path.onTold(url(1), now());
    for (int i = 0; i < 20; i++) {
      path.onSent(now());
      path.onSent(now());
      path.onHeard(url(1), now());
      after(5000);
    }
    assertThat(pinged).doesNotContain(url(2));
  }

  @Test
  void aToldRelayThatCannotBeConnectedToMakesUsTryTheOthersAfterASecond() {
    own = List.of(url(2));
    connected.remove(url(1));
    path.onTold(url(1), now());
    path.onSent(now());
    after(0);
    assertThat(path.current()).isEqualTo(url(1));
    after(1000);
    assertThat(path.current()).isEqualTo(url(2));
    assertThat(pinged).contains(url(1), url(2));
  }

  @Test
  void aPeerOfWhomNothingIsKnownIsTriedAtOurs() {
    path.onDial(Optional.of(url(3)), now());
    assertThat(path.current()).isEqualTo(url(3));
    connected.remove(url(3));
    path.onDial(Optional.of(url(2)), now());
    assertThat(path.current()).as("nobody told of the old one").isEqualTo(url(2));
    path.onTold(url(1), now());
    connected.remove(url(1));
    path.onDial(Optional.of(url(3)), now());
    assertThat(path.current()).as("told").isEqualTo(url(1));
  }

  @Test
  void whatIsRememberedAndAskedIsBounded() {
    List<RelayUrl> many = new ArrayList<>();
    for (int i = 10; i < 100; i++) {
      path.onTold(url(i), now());
      path.onHeard(url(1000 + i), now());
      path.onLeft(url(2000 + i), now());
      many.add(url(3000 + i));
    }
    own = many;
    connected.clear();
    path.onSent(now());
    after(0);
    pinged.clear();
    after(1000);
    assertThat(pinged).hasSize(RelayPath.ASKED);
  }

  @Test
  void anotherHomeOfOursIsToldByAPing() {
    at(1);
    path.onHomeChange(now());
    assertThat(pinged).containsExactly(url(1));
  }
}
