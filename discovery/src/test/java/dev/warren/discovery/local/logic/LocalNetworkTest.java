package dev.warren.discovery.local.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import dev.warren.discovery.local.wire.LocalMessage;
import dev.warren.testlab.ManualClock;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("trouble")
class LocalNetworkTest {
  private static final Announcement OWN = Fixtures.at(Fixtures.SELF, "192.0.2.1:1");
  private static final Announcement PEER = Fixtures.at(Fixtures.PEER, "192.0.2.2:2");
  private static final Set<Generation> BOTH = Set.of(Generation.values());

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1_000_000_000);
  private final Recorder out = new Recorder();
  private final long seed = System.nanoTime();
  private final LocalNetwork network =
      new LocalNetwork(Fixtures.SELF, BOTH, new Random(seed), out, clock.nanoTime());

  private record Sent(Link link, LocalMessage message) {}

  private static final class Recorder implements LocalNetwork.Output {
    private final List<Sent> sent = new ArrayList<>();
    private final List<Announcement> found = new ArrayList<>();
    private final List<Long> ended = new ArrayList<>();
    private final List<Announcement> discovered = new ArrayList<>();
    private final List<NodeId> expired = new ArrayList<>();

    @Override
    public void send(Link link, LocalMessage message) {
      sent.add(new Sent(link, message));
    }

    @Override
    public void found(long lookup, Announcement announcement) {
      found.add(announcement);
    }

    @Override
    public void ended(long lookup) {
      ended.add(lookup);
    }

    @Override
    public void discovered(Announcement announcement) {
      discovered.add(announcement);
    }

    @Override
    public void expired(NodeId id) {
      expired.add(id);
    }

    List<LocalMessage.Query> queries() {
      return sent.stream()
          .map(Sent::message)
          .filter(LocalMessage.Query.class::isInstance)
          .map(LocalMessage.Query.class::cast)
          .toList();
    }

    List<LocalMessage.Response> responses() {
      return sent.stream()
          .map(Sent::message)
          .filter(LocalMessage.Response.class::isInstance)
          .map(LocalMessage.Response.class::cast)
          .toList();
    }
  }

  /** Lets time pass as the loop does: from one deadline to the next. */
  private int pass(Duration time) {
    long end = clock.nanoTime() + time.toNanos();
    int turns = 0;
    while (network.deadline() - end <= 0) {
      clock.advance(Duration.ofNanos(Math.max(1, network.deadline() - clock.nanoTime())));
      network.onTime(clock.nanoTime());
      turns++;
      assertThat(turns).as("turns of the loop, seed %d", seed).isLessThan(100_000);
    }
    clock.advance(Duration.ofNanos(end - clock.nanoTime()));
    return turns;
  }

  private void hear(Link link, LocalMessage message) {
    network.received(link, message, false, clock.nanoTime());
  }

  private void hear(Announcement said) {
    hear(Fixtures.ETH4, LocalMessage.Response.of(Generation.IROH_1, said));
  }

  private static LocalMessage.Query query(Generation... generations) {
    return new LocalMessage.Query(0, Set.of(generations), Set.of());
  }

  private void up() {
    network.linkUp(Fixtures.ETH4, clock.nanoTime());
  }

  @Test
  void aNodeThatIsAloneSaysItselfTwiceAndThenOnceAMinute() {
    up();
    network.publish(OWN, clock.nanoTime());
    assertThat(out.sent)
        .containsExactly(new Sent(Fixtures.ETH4, LocalMessage.Response.of(Generation.IROH_1, OWN)));
    pass(Duration.ofSeconds(2));
    assertThat(out.sent).hasSize(2);
    int turns = pass(Duration.ofMinutes(60));
    assertThat(out.sent.size()).as("seed %d", seed).isBetween(54, 70);
    assertThat(out.queries()).isEmpty();
    assertThat(turns).as("it wakes up seldom").isLessThan(400);
  }

  @Test
  void whoHasNothingToSayAndWantsNothingSendsNothing() {
    up();
    pass(Duration.ofMinutes(10));
    hear(Fixtures.ETH4, query(Generation.values()));
    pass(Duration.ofMinutes(10));
    assertThat(out.sent).isEmpty();
  }

  @Test
  void aNodeOfIrohThatAsksAllTheTimeIsAnsweredEachTime() {
    up();
    network.publish(OWN, clock.nanoTime());
    for (Generation generation : Generation.values()) {
      pass(Duration.ofSeconds(2));
      out.sent.clear();
      for (int i = 0; i < 20; i++) {
        hear(Fixtures.ETH4, query(generation));
        pass(Duration.ofMillis(700));
      }
      assertThat(out.sent)
          .as("seed %d", seed)
          .hasSize(20)
          .containsOnly(new Sent(Fixtures.ETH4, LocalMessage.Response.of(generation, OWN)));
    }
  }

  @Test
  void aLookupAsksAtOnceOnEveryLinkForBothGenerationsAndByName() {
    up();
    network.linkUp(Fixtures.WIFI4, clock.nanoTime());
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    assertThat(out.sent)
        .extracting(Sent::link)
        .containsExactlyInAnyOrder(Fixtures.ETH4, Fixtures.WIFI4);
    assertThat(out.queries())
        .allMatch(q -> q.generations().equals(BOTH))
        .allMatch(q -> q.wanted().equals(Set.of(Fixtures.PEER)));
  }

  @Test
  void aLookupAsksAgainInTheRhythmUntilItsTimeIsOver() {
    up();
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    pass(Duration.ofSeconds(9));
    assertThat(out.ended).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(out.ended).containsExactly(1L);
    assertThat(out.queries().size()).as("seed %d", seed).isBetween(10, 15);
    int asked = out.sent.size();
    pass(Duration.ofMinutes(5));
    assertThat(out.sent).hasSize(asked);
  }

  @Test
  void ofAHundredLookupsEachIsAskedForByNameInItsTurn() {
    up();
    Set<NodeId> asked = new HashSet<>();
    for (int i = 1; i <= 100; i++) {
      network.resolve(i, Fixtures.node(i), clock.nanoTime());
    }
    pass(Duration.ofMillis(9900));
    out.queries().forEach(query -> asked.addAll(query.wanted()));
    assertThat(out.queries().size()).as("seed %d", seed).isLessThan(40);
    assertThat(asked).as("seed %d", seed).hasSizeGreaterThan(80);
    pass(Duration.ofSeconds(1));
    assertThat(out.ended).hasSize(100);
  }

  @Test
  void whoIsFoundIsNotAskedForAgainButHeardFurther() {
    up();
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    hear(PEER);
    assertThat(out.found).containsExactly(PEER);
    out.sent.clear();
    pass(Duration.ofSeconds(5));
    assertThat(out.sent).isEmpty();
    hear(PEER);
    Announcement moved = Fixtures.at(Fixtures.PEER, "192.0.2.3:2");
    hear(moved);
    assertThat(out.found).containsExactly(PEER, moved);
    pass(Duration.ofSeconds(6));
    assertThat(out.ended).containsExactly(1L);
    hear(PEER);
    assertThat(out.found).hasSize(2);
  }

  @Test
  void aKnownNodeIsFoundAtOnceAndWhoWasHeardJustNowIsNotAskedFor() {
    up();
    hear(PEER);
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    assertThat(out.found).containsExactly(PEER);
    assertThat(out.sent).isEmpty();
    pass(Duration.ofSeconds(20));
    network.resolve(2, Fixtures.PEER, clock.nanoTime());
    assertThat(out.found).hasSize(2);
    assertThat(out.queries()).hasSize(1);
  }

  /** Quirk Q5 of iroh: the oldest is found first. */
  @Test
  void whatIsFoundFirstIsTheNewest() {
    up();
    Announcement moved = Fixtures.at(Fixtures.PEER, "192.0.2.3:2");
    hear(PEER);
    hear(moved);
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    assertThat(out.found).containsExactly(moved);
  }

  /** Quirk Q5 of iroh: every announcement counts as news. */
  @Test
  void whoSaysTheSameAgainIsNoNews() {
    up();
    for (int i = 0; i < 50; i++) {
      hear(PEER);
      pass(Duration.ofMillis(700));
    }
    assertThat(out.discovered).containsExactly(PEER);
  }

  /** Quirk Q7 of iroh: between two announcements there is none. */
  @Test
  void aChangeIsSaidAtOnceAndAQueryNeverGoesUnanswered() {
    up();
    network.publish(OWN, clock.nanoTime());
    pass(Duration.ofSeconds(5));
    Announcement moved = Fixtures.at(Fixtures.SELF, "192.0.2.9:9");
    hear(Fixtures.ETH4, query(Generation.IROH_1));
    network.publish(moved, clock.nanoTime());
    out.sent.clear();
    pass(Duration.ofMillis(100));
    assertThat(out.responses())
        .isNotEmpty()
        .containsOnly(LocalMessage.Response.of(Generation.IROH_1, moved));
  }

  @Test
  void whoAsksAnswersItselfOnlyIfSomebodyIsKnownToListen() {
    up();
    network.publish(OWN, clock.nanoTime());
    pass(Duration.ofSeconds(5));
    out.sent.clear();
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    pass(Duration.ofSeconds(4));
    assertThat(out.responses()).isEmpty();
    hear(Fixtures.at(Fixtures.OTHER, "192.0.2.7:7"));
    pass(Duration.ofSeconds(4));
    assertThat(out.responses())
        .isNotEmpty()
        .containsOnly(LocalMessage.Response.of(Generation.IROH_1, OWN));
  }

  @Test
  void whatDnsSdTellsIsKnownUntilItIsUntold() {
    network.told(PEER, clock.nanoTime());
    assertThat(out.discovered).containsExactly(PEER);
    up();
    hear(PEER);
    network.untold(Fixtures.PEER);
    assertThat(out.expired).isEmpty();
    network.told(PEER, clock.nanoTime());
    network.linkDown(Fixtures.ETH4);
    assertThat(out.expired).isEmpty();
    network.untold(Fixtures.PEER);
    assertThat(out.expired).containsExactly(Fixtures.PEER);
    assertThat(out.discovered).hasSize(1);
  }

  @Test
  void whoIsAskedForByNameAnswersAtOnce() {
    up();
    network.publish(OWN, clock.nanoTime());
    pass(Duration.ofSeconds(5));
    out.sent.clear();
    LocalMessage.Query wanted =
        new LocalMessage.Query(9, Set.of(Generation.IROH_1), Set.of(Fixtures.SELF));
    hear(Fixtures.ETH4, wanted);
    assertThat(out.sent).hasSize(1);
    pass(Duration.ofSeconds(1));
    assertThat(out.sent).hasSize(1);
  }

  @Test
  void ourOwnQueryThatComesBackIsNobodys() {
    up();
    network.publish(OWN, clock.nanoTime());
    pass(Duration.ofSeconds(2));
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    network.cancel(1, clock.nanoTime());
    LocalMessage.Query ours = out.queries().get(0);
    pass(Duration.ofSeconds(1));
    out.sent.clear();
    hear(Fixtures.ETH4, ours);
    pass(Duration.ofSeconds(5));
    assertThat(out.sent).isEmpty();
  }

  @Test
  void aFloodOfQueriesIsNotAFloodOfAnswers() {
    up();
    network.publish(OWN, clock.nanoTime());
    for (int i = 0; i < 10_000; i++) {
      hear(
          Fixtures.ETH4,
          new LocalMessage.Query(1 + i, Set.of(Generation.IROH_1), Set.of(Fixtures.SELF)));
      pass(Duration.ofMillis(1));
    }
    assertThat(out.sent.size()).as("seed %d", seed).isLessThan(125);
  }

  @Test
  void tenThousandInstancesFillTheTableAndALookupStillFinds() {
    up();
    for (int i = 10; i < 10_010; i++) {
      hear(Fixtures.at(Fixtures.node(i), "192.0.2.77:7"));
    }
    assertThat(network.size()).isEqualTo(PeerTable.MAX_PEERS);
    assertThat(network.refused()).isEqualTo(10_000 - PeerTable.MAX_PEERS);
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    hear(PEER);
    assertThat(out.found).containsExactly(PEER);
    out.sent.clear();
    network.publish(OWN, clock.nanoTime());
    hear(Fixtures.ETH4, query(Generation.IROH_1));
    pass(Duration.ofSeconds(7));
    assertThat(out.responses()).as("we are still seen").isNotEmpty();
  }

  @Test
  void aLiarCannotFeedALookupWithoutEnd() {
    up();
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    for (int i = 1; i <= 1000; i++) {
      hear(Fixtures.at(Fixtures.PEER, "192.0.2.2:" + i));
    }
    assertThat(out.found).hasSize(Lookups.MAX_FINDINGS);
  }

  @Test
  void addressesThatAreNoNodesAreNotBelieved() {
    up();
    hear(
        Fixtures.at(
            Fixtures.PEER,
            "127.0.0.1:1",
            "224.0.0.251:1",
            "255.255.255.255:1",
            "0.0.0.0:1",
            "192.0.2.2:0",
            "[::1]:1",
            "[ff02::1]:1"));
    assertThat(out.discovered).isEmpty();
    assertThat(network.size()).isZero();
  }

  @Test
  void aLoopbackAddressIsBelievedOfThisHostAlone() {
    up();
    Announcement local = Fixtures.at(Fixtures.PEER, "127.0.0.1:1");
    network.received(
        Fixtures.ETH4, LocalMessage.Response.of(Generation.IROH_1, local), true, clock.nanoTime());
    assertThat(out.discovered).containsExactly(local);
  }

  @Test
  void aLinkLocalAddressGetsTheZoneOfItsLink() throws Exception {
    network.linkUp(Fixtures.ETH6, clock.nanoTime());
    hear(
        Fixtures.ETH6,
        LocalMessage.Response.of(Generation.IROH_1, Fixtures.at(Fixtures.PEER, "[fe80::1]:5")));
    InetAddress ip = out.discovered.get(0).addresses().get(0).getAddress();
    assertThat(((Inet6Address) ip).getScopeId()).isEqualTo(Fixtures.ETH6.index());
  }

  @Test
  void ourOwnLinkLocalAddressIsToldOnItsLinkAlone() throws Exception {
    byte[] ip = Inet6Address.getByName("fe80::1").getAddress();
    InetSocketAddress zoned =
        new InetSocketAddress(Inet6Address.getByAddress(null, ip, Fixtures.ETH6.index()), 5);
    InetSocketAddress plain = SocketAddrs.parse("192.0.2.1:5");
    network.linkUp(Fixtures.ETH6, clock.nanoTime());
    network.linkUp(Fixtures.WIFI4, clock.nanoTime());
    network.publish(OWN.withAddresses(List.of(plain, zoned)), clock.nanoTime());
    assertThat(out.sent).hasSize(2);
    for (Sent sent : out.sent) {
      LocalMessage.Response said = (LocalMessage.Response) sent.message();
      assertThat(said.said().get(0).announcement().addresses())
          .hasSize(sent.link().equals(Fixtures.ETH6) ? 2 : 1);
    }
  }

  @Test
  void loopbackAddressesAreToldOnlyIfThereIsNothingElse() {
    up();
    network.publish(Fixtures.at(Fixtures.SELF, "127.0.0.1:1", "192.0.2.1:1"), clock.nanoTime());
    network.publish(Fixtures.at(Fixtures.SELF, "127.0.0.1:1"), clock.nanoTime());
    assertThat(out.responses())
        .extracting(response -> response.said().get(0).announcement().addresses().toString())
        .containsExactly("[/192.0.2.1:1]", "[/127.0.0.1:1]");
  }

  @Test
  void whoLooksAroundAsksThreeTimesAndThenListens() {
    up();
    network.browse(true, clock.nanoTime());
    pass(Duration.ofMinutes(5));
    assertThat(out.queries()).hasSize(3);
    hear(PEER);
    assertThat(out.discovered).containsExactly(PEER);
    assertThat(network.known()).containsExactly(PEER);
  }

  @Test
  void aNewLinkIsToldAndAsked() {
    network.publish(OWN, clock.nanoTime());
    network.resolve(1, Fixtures.PEER, clock.nanoTime());
    assertThat(out.sent).isEmpty();
    up();
    assertThat(out.responses()).hasSize(1);
    assertThat(out.queries()).hasSize(1);
    assertThat(out.queries().get(0).wanted()).containsExactly(Fixtures.PEER);
  }

  @Test
  void aLinkThatGoesTakesItsNodesAlong() {
    up();
    hear(PEER);
    network.linkDown(Fixtures.ETH4);
    assertThat(out.expired).containsExactly(Fixtures.PEER);
    hear(PEER);
    assertThat(network.size()).isZero();
  }

  @Test
  void aGoodbyeEndsANodeAtOnce() {
    up();
    hear(PEER);
    hear(Fixtures.ETH4, LocalMessage.Response.goodbye(Fixtures.OTHER));
    assertThat(out.expired).isEmpty();
    hear(Fixtures.ETH4, LocalMessage.Response.goodbye(Fixtures.PEER));
    assertThat(out.expired).containsExactly(Fixtures.PEER);
  }

  @Test
  void whoLeavesSaysGoodbyeIfThereWasAGreeting() {
    up();
    network.leave(clock.nanoTime());
    assertThat(out.sent).isEmpty();
    network.publish(OWN, clock.nanoTime());
    out.sent.clear();
    network.leave(clock.nanoTime());
    assertThat(out.responses()).containsExactly(LocalMessage.Response.goodbye(Fixtures.SELF));
  }

  @Test
  void whoHasNoAddressAnyMoreSaysGoodbye() {
    up();
    network.publish(OWN, clock.nanoTime());
    network.publish(OWN.withAddresses(List.of()), clock.nanoTime());
    assertThat(out.responses())
        .containsExactly(
            LocalMessage.Response.of(Generation.IROH_1, OWN),
            LocalMessage.Response.goodbye(Fixtures.SELF));
    out.sent.clear();
    hear(Fixtures.ETH4, query(Generation.values()));
    pass(Duration.ofMinutes(5));
    assertThat(out.sent).isEmpty();
  }

  @Test
  void ourOwnAnnouncementIsNobody() {
    up();
    hear(OWN);
    assertThat(out.discovered).isEmpty();
  }

  @Test
  void anOldDialectThatIsNotSpokenIsNotHeard() {
    LocalNetwork newer =
        new LocalNetwork(
            Fixtures.SELF, Set.of(Generation.IROH_1), new Random(seed), out, clock.nanoTime());
    newer.linkUp(Fixtures.ETH4, clock.nanoTime());
    newer.publish(OWN, clock.nanoTime());
    newer.received(Fixtures.ETH4, query(Generation.IROH_0_35), false, clock.nanoTime());
    newer.received(
        Fixtures.ETH4,
        LocalMessage.Response.of(Generation.IROH_0_35, PEER),
        false,
        clock.nanoTime());
    assertThat(newer.size()).isZero();
    newer.resolve(1, Fixtures.PEER, clock.nanoTime());
    assertThat(out.queries().get(0).generations()).containsExactly(Generation.IROH_1);
  }

  @Test
  void attributesComeAlong() {
    up();
    Announcement said =
        new Announcement(Fixtures.PEER, PEER.addresses(), Optional.empty(), Optional.of("printer"));
    hear(said);
    assertThat(out.discovered).containsExactly(said);
  }
}
