package dev.warren.dns.server.store.file;

import static dev.warren.dns.server.store.Packets.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.Packets;
import dev.warren.testlab.Await;
import dev.warren.testlab.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no more: writes fail and say why, and go on when there is room. */
@Tag("trouble")
@Timeout(180)
class FullDiskTest {
  private static final Duration LIMIT = Duration.ofSeconds(50);

  @TempDir Path temp;

  private static void assertHolds(Path directory, Map<Integer, Long> acknowledged)
      throws Exception {
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      for (Map.Entry<Integer, Long> each : acknowledged.entrySet()) {
        SignedPacket found = await(store.get(Packets.key(each.getKey()).nodeId())).orElseThrow();
        assertThat(found.timestamp()).isGreaterThanOrEqualTo(each.getValue());
      }
    }
  }

  @Test
  void onAFullDiskWritesFailAndAfterMakingRoomTheyGoOnByThemselvesAndNothingIsLost()
      throws Exception {
    Path mount = Files.createDirectory(temp.resolve("disk"));
    Path copy = Files.createDirectory(temp.resolve("copy"));
    try (SmallDisk disk = SmallDisk.mount(mount, "size=1m");
        StoreProcess process =
            StoreProcess.start(disk.inside(), mount.resolve("packets"), 1, StoreProcess.KEYS)) {
      Await.until("a failure", LIMIT, () -> process.failures() > 100);
      assertThat(process.failure())
          .contains("cannot write to the packet store", "make room", "by itself");
      int before = process.lines();
      assertThat(before).isPositive();
      disk.run("mount -o remount,size=64m \"$1\"");
      Await.until("writes again", LIMIT, () -> process.lines() > before + 500);
      Map<Integer, Long> acknowledged = process.kill();
      disk.run("cp -r \"$1\"/packets \"$2\"", copy.toString());
      assertHolds(copy.resolve("packets"), acknowledged);
    }
  }

  @Test
  void aTableThatFailedIsOpenedAnewWhenItCanBeWrittenAndNothingAcknowledgedIsLost()
      throws Exception {
    // A limit on the size of a file makes MVStore fail in mid-write though there seems to be room.
    List<String> limited = List.of("bash", "-c", "ulimit -S -f 768; exec \"$@\"", "bash");
    Path directory = temp.resolve("packets");
    Map<Integer, Long> acknowledged;
    try (StoreProcess process = StoreProcess.start(limited, directory, 1, StoreProcess.KEYS * 5)) {
      Await.until("a failure", LIMIT, () -> process.failures() > 0 && process.lines() > 0);
      String pid = Long.toString(process.pid());
      Process lifted =
          new ProcessBuilder("prlimit", "--fsize=unlimited:", "--pid", pid).inheritIO().start();
      assertThat(lifted.waitFor()).isZero();
      int before = process.lines();
      Await.until("writes again", LIMIT, () -> process.lines() > before + 500);
      acknowledged = process.kill();
    }
    assertHolds(directory, acknowledged);
  }
}
