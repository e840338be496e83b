package dev.warren.dns.server.store;

import static dev.warren.dns.server.store.Packets.address;
import static dev.warren.dns.server.store.Packets.await;
import static dev.warren.dns.server.store.Packets.key;
import static dev.warren.dns.server.store.Packets.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.testlab.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does, whatever it keeps packets in. */
public abstract class PacketStoreContract {
  private static final long T = 1_750_000_000_000_000L;
  private static final SecretKey KEY = key(1);

  private final List<NodeId> changes = new CopyOnWriteArrayList<>();
  private PacketStore store;

  protected abstract PacketStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
    store.listen(
        new StoreListener() {
          @Override
          public void changed(NodeId id) {
            changes.add(id);
          }

          @Override
          public void allChanged() {}
        });
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private SignedPacket stored(SecretKey key) throws StoreException {
    return await(store.get(key.nodeId())).orElse(null);
  }

  @Test
  void aPacketComesBackByteForByte() throws Exception {
    SignedPacket packet = packet(KEY, T, "relay=https://relay.example./");
    assertThat(await(store.upsert(packet))).isEqualTo(Upsert.UPDATED);
    assertThat(stored(KEY)).isEqualTo(packet);
    assertThat(store.counters().inserted()).isEqualTo(1);
  }

  @Test
  void aKeyThatWasNeverStoredHasNoPacket() throws Exception {
    await(store.upsert(packet(KEY, T, "a=b")));
    assertThat(stored(key(2))).isNull();
  }

  @Test
  void anOlderPacketDoesNotReplaceANewerOne() throws Exception {
    SignedPacket newer = packet(KEY, T, "newer");
    await(store.upsert(newer));
    assertThat(await(store.upsert(packet(KEY, T - 1, "older")))).isEqualTo(Upsert.NO_OP);
    assertThat(stored(KEY)).isEqualTo(newer);
    assertThat(store.counters().ignored()).isEqualTo(1);
    assertThat(store.counters().updated()).isZero();
  }

  @Test
  void ofTwoPacketsOfOneTimeTheGreaterBytesWinInWhicheverOrderTheyCome() throws Exception {
    // The last byte is above 127: compared as unsigned.
    SignedPacket greater = address(KEY, T, "10.0.0.200");
    SignedPacket lesser = address(KEY, T, "10.0.0.100");
    await(store.upsert(lesser));
    assertThat(await(store.upsert(greater))).isEqualTo(Upsert.UPDATED);
    assertThat(await(store.upsert(lesser))).isEqualTo(Upsert.NO_OP);
    assertThat(stored(KEY)).isEqualTo(greater);
  }

  @Test
  void anEqualPacketCountsAsAnUpdate() throws Exception {
    SignedPacket packet = packet(KEY, T, "same");
    await(store.upsert(packet));
    assertThat(await(store.upsert(packet))).isEqualTo(Upsert.UPDATED);
    assertThat(store.counters().updated()).isEqualTo(1);
  }

  @Test
  void timestampsAreUnsigned() throws Exception {
    SignedPacket last = packet(KEY, -1, "the last of all times");
    await(store.upsert(last));
    assertThat(await(store.upsert(packet(KEY, Long.MAX_VALUE, "far")))).isEqualTo(Upsert.NO_OP);
    assertThat(stored(KEY)).isEqualTo(last);
    assertThat(await(store.evict(Long.MAX_VALUE, 10))).isZero();
    assertThat(stored(KEY)).isEqualTo(last);
  }

  @Test
  void ofManyPacketsOfOneKeyAtOnceTheNewestStays() throws Exception {
    List<CompletionStage<Upsert>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      // 0, 37, 74 … 163, 0 …: up and down.
      all.add(store.upsert(packet(KEY, T + i * 37 % 200, "n=" + i)));
    }
    for (CompletionStage<Upsert> each : all) {
      await(each);
    }
    assertThat(stored(KEY).timestamp()).isEqualTo(T + 199);
  }

  @Test
  void listenersHearOfAPacketBeforeItIsAcknowledgedAndNotOfOneThatIsIgnored() throws Exception {
    List<List<NodeId>> atAcknowledgement = new CopyOnWriteArrayList<>();
    await(
        store
            .upsert(packet(KEY, T, "x"))
            .thenAccept(done -> atAcknowledgement.add(List.copyOf(changes))));
    assertThat(atAcknowledgement).containsExactly(List.of(KEY.nodeId()));
    await(store.upsert(packet(KEY, T - 1, "y")));
    assertThat(changes).containsExactly(KEY.nodeId());
  }

  @Test
  void evictionGoesByThePacketsOwnTimeAndInSteps() throws Exception {
    for (int i = 0; i < 10; i++) {
      await(store.upsert(packet(key(i), T + i, "n=" + i)));
    }
    changes.clear();
    assertThat(await(store.evict(T + 7, 4))).isEqualTo(4);
    assertThat(await(store.evict(T + 7, 4))).isEqualTo(3);
    assertThat(await(store.evict(T + 7, 4))).isZero();
    for (int i = 0; i < 10; i++) {
      assertThat(stored(key(i)) != null).as("packet " + i).isEqualTo(i >= 7);
    }
    assertThat(changes).hasSize(7).doesNotContain(key(7).nodeId());
    assertThat(store.counters().expired()).isEqualTo(7);
  }

  @Test
  void aPacketThatWasRenewedIsNotEvictedByItsEarlierTime() throws Exception {
    await(store.upsert(packet(KEY, T, "old")));
    SignedPacket renewed = packet(KEY, T + 1_000, "new");
    await(store.upsert(renewed));
    assertThat(await(store.evict(T + 500, 10))).isZero();
    assertThat(stored(KEY)).isEqualTo(renewed);
  }

  @Test
  void theSweeperRemovesWhatIsTooOldAndLeavesTheRest() throws Exception {
    long now = System.currentTimeMillis() * 1_000;
    SignedPacket fresh = packet(key(2), now + 3_600_000_000L, "fresh");
    await(store.upsert(packet(KEY, now - 1_000_000, "old")));
    await(store.upsert(fresh));
    try (Eviction eviction =
        Eviction.start(store, Duration.ofMillis(100), Duration.ofMillis(100))) {
      Await.until("gone", Duration.ofSeconds(10), () -> store.counters().expired() == 1);
    }
    assertThat(stored(KEY)).isNull();
    assertThat(stored(key(2))).isEqualTo(fresh);
  }

  @Test
  void aListenerThatThrowsHarmsNobody() throws Exception {
    store.listen(
        new StoreListener() {
          @Override
          public void changed(NodeId id) {
            throw new IllegalStateException("a listener's bug, made by a test");
          }

          @Override
          public void allChanged() {}
        });
    assertThat(await(store.upsert(packet(KEY, T, "x")))).isEqualTo(Upsert.UPDATED);
    assertThat(stored(KEY)).isNotNull();
  }

  @Test
  void aClosedStoreSaysSo() {
    store.close();
    assertClosed(store.upsert(packet(KEY, T, "late")));
    assertClosed(store.get(KEY.nodeId()));
    assertClosed(store.evict(T, 1));
    store.close();
  }

  private static void assertClosed(CompletionStage<?> stage) {
    assertThatThrownBy(() -> await(stage))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.reason()).isEqualTo(StoreException.Reason.CLOSED));
  }
}
