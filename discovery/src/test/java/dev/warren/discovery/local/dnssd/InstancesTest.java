package dev.warren.discovery.local.dnssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.local.wire.Announcement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InstancesTest {
  private static final Announcement ONE = said(1);
  private static final Announcement TWO = said(2);

  private final Instances instances = new Instances();

  private static Announcement said(int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    NodeId id = SecretKey.ofBytes(seed).nodeId();
    return new Announcement(
        id, List.of(SocketAddrs.parse("192.0.2.1:" + number)), Optional.empty(), Optional.empty());
  }

  @Test
  void aNameThatNamesAnotherNodeEndsTheFirst() {
    assertThat(instances.put("warren", ONE)).isEmpty();
    assertThat(instances.put("warren", ONE)).isEmpty();
    assertThat(instances.put("warren", TWO)).contains(ONE.id());
    assertThat(instances.all()).containsExactly(TWO);
  }

  @Test
  void aNodeOfTwoNamesLivesAsLongAsOneOfThem() {
    instances.put("warren", ONE);
    instances.put("warren (2)", ONE);
    assertThat(instances.remove("warren")).isEmpty();
    assertThat(instances.remove("warren (2)")).contains(ONE.id());
    assertThat(instances.remove("warren (2)")).isEmpty();
  }

  @Test
  void thereAreNotMoreThanFitTheTable() {
    for (int i = 0; i < 10_000; i++) {
      instances.put("warren " + i, ONE);
    }
    assertThat(instances.all()).hasSize(Instances.MAX);
  }
}
