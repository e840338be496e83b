package dev.warren.dns.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.dns.server.Vectors;
import dev.warren.dns.server.wire.KeyLabel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZoneCacheTest {
  private static final SecretKey KEY = SecretKey.generate();
  private static final KeyZone ZONE = KeyZone.of(Vectors.packet(KEY, 1, Vectors.s1(KEY)));

  private static KeyLabel key(long number) {
    return new KeyLabel(number, 0, 0, 0);
  }

  private static void put(ZoneCache cache, KeyLabel key) {
    cache.put(key, ZONE, cache.version(key));
  }

  @Test
  void whatIsPutIsThereUntilItIsDropped() {
    ZoneCache cache = new ZoneCache(1 << 20);
    put(cache, key(1));
    assertThat(cache.get(key(1), 0)).isSameAs(ZONE);
    assertThat(cache.get(key(2), 0)).isNull();
    cache.drop(key(1));
    assertThat(cache.get(key(1), 0)).isNull();
    assertThat(cache.weight()).isZero();
  }

  @Test
  void whatWasReadBeforeAChangeIsNotKept() {
    ZoneCache cache = new ZoneCache(1 << 20);
    long before = cache.version(key(1));
    cache.drop(key(1));
    cache.put(key(1), ZONE, before);
    assertThat(cache.get(key(1), 0)).isNull();
    long later = cache.version(key(1));
    cache.dropAll();
    cache.put(key(1), ZONE, later);
    assertThat(cache.get(key(1), 0)).isNull();
  }

  @Test
  void memoryIsBoundedAndTheLeastAskedForGoes() {
    long room = 64L * 16 * ZONE.weight();
    ZoneCache cache = new ZoneCache(room);
    List<KeyLabel> keys = new ArrayList<>();
    for (long i = 0; i < 10_000; i++) {
      keys.add(key(i));
      put(cache, key(i));
      assertThat(cache.weight()).isLessThanOrEqualTo(room);
      assertThat(cache.get(key(0), 0)).as("asked for all the time").isNotNull();
    }
    assertThat(cache.zones()).isLessThanOrEqualTo(64 * 16);
    assertThat(keys.stream().filter(k -> cache.get(k, 0) != null).count()).isEqualTo(cache.zones());
  }

  @Test
  void aZoneForALimitedTimeIsGoneAfterIt() {
    ZoneCache cache = new ZoneCache(1 << 20);
    long now = Long.MAX_VALUE - 5; // The clock may turn over meanwhile.
    cache.put(key(1), ZONE, cache.version(key(1)), now, 10);
    assertThat(cache.get(key(1), now + 9)).isSameAs(ZONE);
    assertThat(cache.get(key(1), now + 10)).isNull();
    assertThat(cache.zones()).isZero();
  }

  @Test
  void withoutRoomNothingIsKept() {
    ZoneCache cache = new ZoneCache(0);
    put(cache, key(1));
    assertThat(cache.get(key(1), 0)).isNull();
  }
}
