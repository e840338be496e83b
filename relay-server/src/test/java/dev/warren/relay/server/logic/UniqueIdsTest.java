package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import org.junit.jupiter.api.Test;

/** Each id counts once a day. */
class UniqueIdsTest {
  private static final long DAY = 86_400_000_000_000L;

  @Test
  void anIdIsNewOnceADay() {
    NodeId a = SecretKey.generate().nodeId();
    NodeId b = SecretKey.generate().nodeId();
    UniqueIds ids = new UniqueIds(5);
    assertThat(ids.isNew(a, 5)).isTrue();
    assertThat(ids.isNew(a, 6)).isFalse();
    assertThat(ids.isNew(b, 7)).isTrue();
    assertThat(ids.isNew(a, DAY + 4)).isFalse();
    assertThat(ids.isNew(a, DAY + 5)).isTrue();
  }
}
