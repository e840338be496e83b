package dev.warren.discovery.dht.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.discovery.dht.logic.ItemStore.Verdict;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.testlab.ManualClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("trouble")
class ItemStoreTest {
  private static final byte[] NO_SALT = new byte[0];

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1000);
  private final DhtId self = DhtId.random(new Random(1));
  private final ItemStore store = new ItemStore(self, 300);
  private final SecretKey secret = SecretKey.generate();
  private final InetAddress from = ip(1);

  private static InetAddress ip(int n) {
    try {
      return InetAddress.getByAddress(new byte[] {51, 0, (byte) (n >> 8), (byte) n});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private MutableItem item(long seq, String text) {
    return MutableItem.sign(secret, NO_SALT, seq, text.getBytes());
  }

  private Verdict put(MutableItem item) {
    return store.put(item, null, from, clock.nanoTime());
  }

  private MutableItem kept() {
    return store.get(item(0, "").target(), clock.nanoTime());
  }

  @Test
  void theHigherSequenceNumberReplacesTheLower() {
    assertThat(put(item(1, "a"))).isEqualTo(Verdict.STORED);
    assertThat(put(item(2, "b"))).isEqualTo(Verdict.STORED);
    assertThat(kept()).isEqualTo(item(2, "b"));
  }

  @Test
  void theLowerNeverReplacesTheHigher() {
    put(item(2, "b"));
    assertThat(put(item(1, "a"))).isEqualTo(Verdict.SEQ_TOO_LOW);
    assertThat(put(item(-1, "a"))).isEqualTo(Verdict.SEQ_TOO_LOW);
    assertThat(kept()).isEqualTo(item(2, "b"));
  }

  @Test
  void ofEqualSequenceNumbersTheGreaterValueStays() {
    put(item(2, "b"));
    assertThat(put(item(2, "a"))).isEqualTo(Verdict.SEQ_TOO_LOW);
    assertThat(put(item(2, "c"))).isEqualTo(Verdict.STORED);
    assertThat(kept()).isEqualTo(item(2, "c"));
  }

  @Test
  void aBadSignatureReplacesNothing() {
    put(item(2, "b"));
    MutableItem good = item(3, "c");
    MutableItem bad = new MutableItem(good.key(), NO_SALT, 4, good.value(), good.signature());
    assertThat(put(bad)).isEqualTo(Verdict.BAD_SIGNATURE);
    assertThat(kept()).isEqualTo(item(2, "b"));
    MutableItem fresh =
        new MutableItem(
            SecretKey.generate().nodeId().toBytes(), NO_SALT, 4, good.value(), good.signature());
    assertThat(put(fresh)).isEqualTo(Verdict.BAD_SIGNATURE);
    assertThat(store.size()).isEqualTo(1);
  }

  @Test
  void compareAndSwapStoresOnlyOverWhatWasExpected() {
    assertThat(store.put(item(1, "a"), 7L, from, clock.nanoTime())).isEqualTo(Verdict.STORED);
    assertThat(store.put(item(3, "b"), 2L, from, clock.nanoTime())).isEqualTo(Verdict.CAS_MISMATCH);
    assertThat(kept()).isEqualTo(item(1, "a"));
    assertThat(store.put(item(3, "b"), 1L, from, clock.nanoTime())).isEqualTo(Verdict.STORED);
    assertThat(store.put(item(2, "c"), 3L, from, clock.nanoTime())).isEqualTo(Verdict.SEQ_TOO_LOW);
  }

  @Test
  void aRepeatedPutKeepsItTwoHoursMore() {
    put(item(1, "a"));
    clock.advance(Duration.ofMinutes(119));
    assertThat(put(item(1, "a"))).isEqualTo(Verdict.STORED);
    clock.advance(Duration.ofMinutes(119));
    assertThat(kept()).isEqualTo(item(1, "a"));
    clock.advance(Duration.ofMinutes(2));
    assertThat(kept()).isNull();
    store.expire(clock.nanoTime());
    assertThat(store.size()).isZero();
  }

  @Test
  void anItemThatHasExpiredForbidsNoOlderOne() {
    put(item(2, "b"));
    clock.advance(Duration.ofHours(3));
    assertThat(put(item(1, "a"))).isEqualTo(Verdict.STORED);
  }

  private static MutableItem any() {
    return MutableItem.sign(SecretKey.generate(), NO_SALT, 1, new byte[1]);
  }

  @Test
  void oneAddressHasItsShareAndItsItemsStayUpdatable() {
    put(item(1, "a"));
    for (int i = 1; i < ItemStore.LIMIT_OF_ADDRESS; i++) {
      assertThat(put(any())).isEqualTo(Verdict.STORED);
    }
    assertThat(put(any())).isEqualTo(Verdict.NO_ROOM);
    assertThat(put(item(2, "b"))).isEqualTo(Verdict.STORED);
    assertThat(store.put(any(), null, ip(2), clock.nanoTime())).isEqualTo(Verdict.STORED);
    clock.advance(Duration.ofHours(3));
    assertThat(put(any())).isEqualTo(Verdict.STORED);
  }

  @Test
  void whenItIsFullOnlyWhatIsCloserPushesOutTheFarthest() {
    MutableItem farthest = null;
    for (int i = 0; i < 300; i++) {
      MutableItem item = any();
      assertThat(store.put(item, null, ip(i / 100), clock.nanoTime())).isEqualTo(Verdict.STORED);
      if (farthest == null || self.compareDistance(item.target(), farthest.target()) > 0) {
        farthest = item;
      }
    }
    int stored = 0;
    for (int i = 0; i < 50; i++) {
      MutableItem item = any();
      boolean closer = self.compareDistance(item.target(), farthest.target()) < 0;
      Verdict verdict = store.put(item, null, ip(9), clock.nanoTime());
      if (stored == 0) {
        assertThat(verdict).isEqualTo(closer ? Verdict.STORED : Verdict.NO_ROOM);
      }
      stored += verdict == Verdict.STORED ? 1 : 0;
      assertThat(store.size()).isEqualTo(300);
    }
    assertThat(stored).isPositive();
    assertThat(store.get(farthest.target(), clock.nanoTime())).isNull();
  }

  @Test
  void aStoreWithoutRoomKeepsNothing() {
    assertThat(new ItemStore(self, 0).put(any(), null, from, 0)).isEqualTo(Verdict.NO_ROOM);
  }
}
