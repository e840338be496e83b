package dev.warren.discovery.local.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.local.logic.PeerTable.Change;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times in milliseconds. */
@Tag("trouble")
class PeerTableTest {
  private static final PeerTable.Source HERE =
      new PeerTable.Source(Fixtures.ETH4, Generation.IROH_1);
  private static final PeerTable.Source OLD =
      new PeerTable.Source(Fixtures.ETH4, Generation.IROH_0_35);
  private static final PeerTable.Source THERE =
      new PeerTable.Source(Fixtures.WIFI4, Generation.IROH_1);

  private static final Announcement PEER = Fixtures.at(Fixtures.PEER, "192.0.2.1:1");

  private final PeerTable table = new PeerTable();

  private static long ms(long millis) {
    return millis * 1_000_000;
  }

  @Test
  void onlyWhatIsNewIsAChange() {
    assertThat(table.heard(HERE, PEER, 0)).isEqualTo(Change.NEW);
    assertThat(table.heard(HERE, PEER, ms(700))).isEqualTo(Change.SAME);
    Announcement moved = Fixtures.at(Fixtures.PEER, "192.0.2.1:2");
    assertThat(table.heard(HERE, moved, ms(1400))).isEqualTo(Change.CHANGED);
    assertThat(table.get(Fixtures.PEER)).contains(moved);
  }

  /** It says its relay in the newer alone: it must not seem to change with every message. */
  @Test
  void aNodeOfBothGenerationsIsWhatItSaysInTheNewer() throws Exception {
    Announcement relayed =
        new Announcement(
            Fixtures.PEER,
            PEER.addresses(),
            Optional.of(RelayUrl.parse("https://relay.example/")),
            Optional.empty());
    table.heard(OLD, PEER, 0);
    assertThat(table.heard(HERE, relayed, ms(1))).isEqualTo(Change.CHANGED);
    assertThat(table.heard(OLD, PEER, ms(2))).isEqualTo(Change.SAME);
    assertThat(table.heard(HERE, relayed, ms(3))).isEqualTo(Change.SAME);
    assertThat(table.get(Fixtures.PEER)).contains(relayed);
  }

  @Test
  void aNodeOnTwoLinksHasTheAddressesOfBoth() {
    table.heard(HERE, PEER, 0);
    table.heard(THERE, Fixtures.at(Fixtures.PEER, "192.0.2.2:1"), ms(1));
    assertThat(table.get(Fixtures.PEER).orElseThrow().addresses())
        .containsExactly(SocketAddrs.parse("192.0.2.1:1"), SocketAddrs.parse("192.0.2.2:1"));
    assertThat(table.removeLink(Fixtures.ETH4)).isEmpty();
    assertThat(table.get(Fixtures.PEER).orElseThrow().addresses())
        .containsExactly(SocketAddrs.parse("192.0.2.2:1"));
    assertThat(table.removeLink(Fixtures.WIFI4)).containsExactly(Fixtures.PEER);
  }

  /** Discovery section 7.5: after 3 · S · 0.7 s / min(2, S) of queries without a word. */
  @ParameterizedTest(name = "{0} nodes: {1} rounds, {2} ms")
  @CsvSource({"1, 3, 2100", "2, 5, 3150", "9, 15, 10500"})
  void whoDoesNotAnswerIsGone(int others, int rounds, long millis) {
    for (int i = 1; i <= others; i++) {
      table.heard(HERE, Fixtures.at(Fixtures.node(i), "192.0.2.1:1"), 0);
    }
    for (int i = 1; i < rounds; i++) {
      table.queried(HERE);
    }
    assertThat(table.expire(ms(millis * 2))).isEmpty();
    table.queried(HERE);
    assertThat(table.expire(ms(millis - 1))).isEmpty();
    assertThat(table.expire(ms(millis))).hasSize(others);
    assertThat(table.nodes(HERE)).isZero();
  }

  @Test
  void whereNobodyAsksANodeIsBelievedForTwoAndAHalfOfItsAnnouncements() {
    table.heard(HERE, PEER, 0);
    assertThat(PeerTable.QUIET_LIFETIME_NANOS).isEqualTo(Schedule.ANNOUNCE_NANOS * 5 / 2);
    assertThat(table.expire(PeerTable.QUIET_LIFETIME_NANOS)).isEmpty();
    assertThat(table.expire(PeerTable.QUIET_LIFETIME_NANOS + 1)).containsExactly(Fixtures.PEER);
    assertThat(table.get(Fixtures.PEER)).isEmpty();
  }

  @Test
  void queriesOnOneLinkDoNotEndWhatIsHeardOnAnother() {
    table.heard(THERE, PEER, 0);
    for (int i = 0; i < 100; i++) {
      table.queried(HERE);
    }
    assertThat(table.expire(ms(60_000))).isEmpty();
  }

  @Test
  void tenThousandNodesDoNotFit() {
    for (int i = 0; i < 10_000; i++) {
      table.heard(HERE, Fixtures.at(Fixtures.node(i), "192.0.2.1:1"), 0);
    }
    assertThat(table.size()).isEqualTo(PeerTable.MAX_PEERS);
    assertThat(table.refused()).isEqualTo(10_000 - PeerTable.MAX_PEERS);
    assertThat(table.heard(HERE, Fixtures.at(Fixtures.node(0), "192.0.2.1:1"), ms(1)))
        .isEqualTo(Change.SAME);
    assertThat(table.remove(Fixtures.node(0))).isTrue();
    assertThat(table.remove(Fixtures.node(0))).isFalse();
    List<?> gone = table.removeLink(Fixtures.ETH4);
    assertThat(gone).hasSize(PeerTable.MAX_PEERS - 1);
    assertThat(table.size()).isZero();
  }
}
