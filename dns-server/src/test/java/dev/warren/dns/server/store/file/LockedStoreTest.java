package dev.warren.dns.server.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process at a time. */
@Tag("trouble")
@Timeout(60)
class LockedStoreTest {
  @TempDir Path temp;

  @Test
  void aSecondProcessIsToldWhoHasTheStore() throws Exception {
    Path directory = temp.resolve("packets");
    try (StoreProcess other = StoreProcess.start(directory, 1)) {
      other.awaitAcknowledged(1);
      assertThatThrownBy(() -> FilePacketStore.open(directory))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE))
          .hasMessageContainingAll(
              directory.toString(), "is in use by process " + other.pid(), "which opened it at");
      other.kill();
    }
    // What the other left behind keeps nobody out.
    FilePacketStore.open(directory).close();
  }

  @Test
  void theSameProcessIsRefusedToo() throws Exception {
    Path directory = temp.resolve("packets");
    Path link = Files.createSymbolicLink(temp.resolve("link"), temp);
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      for (Path path : new Path[] {directory, link.resolve("packets")}) {
        assertThatThrownBy(() -> FilePacketStore.open(path))
            .hasMessageContaining("is in use by this process");
      }
      assertThat(store.size()).isZero();
    }
    FilePacketStore.open(directory).close();
  }
}
