package dev.warren.dns.server.store.file;

import static dev.warren.dns.server.store.Packets.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.Packets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process with a store, killed in mid-write again and again. */
@Tag("trouble")
@Timeout(300)
class KilledStoreTest {
  private static final int KILLS = 12;

  @TempDir Path temp;

  @Test
  void nothingAcknowledgedIsLostWhenTheProcessIsKilledUnderLoad() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path directory = temp.resolve("packets");
    Map<Integer, Long> acknowledged = new HashMap<>();
    int total = 0;
    for (int round = 1; round <= KILLS; round++) {
      try (StoreProcess process = StoreProcess.start(directory, round * 1_000_000_000L)) {
        process.awaitAcknowledged(1 + random.nextInt(1_500));
        // Anywhere between two packets, too.
        LockSupport.parkNanos(random.nextInt(2_000_000));
        process.kill().forEach((key, time) -> acknowledged.merge(key, time, Math::max));
        assertThat(process.failure()).isNull();
        total += process.lines();
      }
      assertNothingLost(directory, acknowledged);
    }
    System.out.println(total + " packets acknowledged, " + KILLS + " kills");
    assertThat(acknowledged).hasSizeGreaterThan(StoreProcess.KEYS / 4);
  }

  private static void assertNothingLost(Path directory, Map<Integer, Long> acknowledged)
      throws Exception {
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      for (Map.Entry<Integer, Long> each : acknowledged.entrySet()) {
        SignedPacket found = await(store.get(Packets.key(each.getKey()).nodeId())).orElseThrow();
        assertThat(found.timestamp())
            .as("key %d", each.getKey())
            .isGreaterThanOrEqualTo(each.getValue());
      }
    }
  }
}
