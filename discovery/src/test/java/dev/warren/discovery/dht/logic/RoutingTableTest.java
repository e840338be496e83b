package dev.warren.discovery.dht.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.testlab.ManualClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoutingTableTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1000);
  private final Random random = new Random(1);
  private final DhtId self = DhtId.random(random);
  private final RoutingTable table = new RoutingTable(self);
  private int next;

  private InetSocketAddress address() {
    next++;
    return SocketAddrs.parse("51.0." + next / 256 + "." + next % 256 + ":6881");
  }

  private DhtContact contact(int prefix) {
    return new DhtContact(self.randomAt(prefix, random), address());
  }

  private DhtContact heard(int prefix) {
    DhtContact contact = contact(prefix);
    table.onAnswer(contact, clock.nanoTime());
    return contact;
  }

  @Test
  void theClosestComeFirst() {
    List<DhtContact> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(heard(i % 10));
    }
    DhtId target = DhtId.random(random);
    List<DhtContact> expected = new ArrayList<>(all);
    expected.sort((a, b) -> target.compareDistance(a.id(), b.id()));
    assertThat(table.closest(target, 20, false)).isEqualTo(expected.subList(0, 20));
    assertThat(table.closest(target, 20, true)).isEmpty();
  }

  @Test
  void aFullBucketKeepsTheNodesThatItHas() {
    List<DhtContact> old = new ArrayList<>();
    for (int i = 0; i < RoutingTable.K; i++) {
      old.add(heard(0));
    }
    DhtContact late = contact(0);
    assertThat(table.isWanted(late)).isFalse();
    table.onAnswer(late, clock.nanoTime());
    assertThat(table.size()).isEqualTo(RoutingTable.K);
    assertThat(table.closest(self, 100, false)).containsExactlyInAnyOrderElementsOf(old);
  }

  @Test
  void itHoldsNoMoreThanItsBuckets() {
    for (int i = 0; i < 2000; i++) {
      table.onAnswer(new DhtContact(DhtId.random(random), address()), clock.nanoTime());
    }
    assertThat(table.size()).isLessThan(11 * RoutingTable.K);
  }

  @Test
  void aNodeThatDoesNotAnswerTwiceIsForgotten() {
    DhtContact node = heard(3);
    table.onFailure(node.address());
    assertThat(table.size()).isEqualTo(1);
    table.onAnswer(node, clock.nanoTime());
    table.onFailure(node.address());
    assertThat(table.size()).isEqualTo(1);
    table.onFailure(node.address());
    assertThat(table.size()).isZero();
  }

  @Test
  void anAddressWithAnotherIdIsAnotherNode() {
    DhtContact node = heard(3);
    DhtContact renamed = new DhtContact(self.randomAt(4, random), node.address());
    table.onAnswer(renamed, clock.nanoTime());
    assertThat(table.closest(self, 9, false)).containsExactly(renamed);
  }

  @Test
  void anotherAddressDoesNotTakeTheIdOfANodeThatWorks() {
    DhtContact node = heard(3);
    table.onAnswer(new DhtContact(node.id(), address()), clock.nanoTime());
    assertThat(table.closest(self, 9, false)).containsExactly(node);
  }

  @Test
  void oneAddressOfTheWorldHoldsFewPlaces() {
    for (int port = 1; port <= 50; port++) {
      table.onAnswer(
          new DhtContact(DhtId.random(random), SocketAddrs.parse("51.9.9.9:" + port)),
          clock.nanoTime());
      table.onAnswer(
          new DhtContact(self.randomAt(port, random), SocketAddrs.parse("127.0.0.1:" + port)),
          clock.nanoTime());
    }
    assertThat(table.size()).isEqualTo(50 + RoutingTable.LIMIT_OF_ADDRESS);
  }

  @Test
  void weAreNoNodeOfOurOwnTable() {
    table.onAnswer(new DhtContact(self, address()), clock.nanoTime());
    assertThat(table.size()).isZero();
  }

  @Test
  void theNodeThatIsSilentForLongestIsToBeAsked() {
    DhtContact first = heard(1);
    clock.advance(Duration.ofSeconds(1));
    heard(2);
    assertThat(table.questionable(clock.nanoTime())).isNull();
    clock.advance(Duration.ofMinutes(15));
    assertThat(table.questionable(clock.nanoTime())).isEqualTo(first);
  }

  @Test
  void aBucketWithoutNewsIsLookedAtOnceInFifteenMinutes() {
    heard(7);
    assertThat(table.stale(clock.nanoTime(), random)).isNull();
    clock.advance(Duration.ofMinutes(15));
    assertThat(self.commonPrefix(table.stale(clock.nanoTime(), random))).isEqualTo(7);
    assertThat(table.stale(clock.nanoTime(), random)).isNull();
  }
}
