package dev.warren.dns.server.store.file;

import static dev.warren.dns.server.store.Packets.await;
import static dev.warren.dns.server.store.Packets.key;
import static dev.warren.dns.server.store.Packets.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import dev.warren.dns.server.store.Upsert;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happened to its files: a store opens with everything that is in it, or it does not. */
@Tag("trouble")
@Timeout(600)
class DamagedStoreTest {
  private static final int KEYS = 300;
  private static final int ROUNDS = Integer.getInteger("warren.damage.rounds", 80);

  @TempDir Path temp;
  private Path directory;
  private final List<SignedPacket> packets = new ArrayList<>();

  @BeforeEach
  void fill() throws Exception {
    directory = temp.resolve("packets");
    for (int i = 0; i < KEYS; i++) {
      packets.add(packet(key(i), 1_000 + i, "n=" + i));
    }
    store(packets.subList(0, KEYS / 2));
    // Closed in between, so the first half is in the table and the rest, see below, in the log too.
    store(packets.subList(KEYS / 2, KEYS));
  }

  private void store(List<SignedPacket> some) throws StoreException {
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      List<CompletionStage<Upsert>> all = some.stream().map(store::upsert).toList();
      for (CompletionStage<Upsert> each : all) {
        await(each);
      }
    }
  }

  /** A copy of the files as they are while the store is open: what a kill leaves. */
  private Path unclosedCopy(List<SignedPacket> more) throws Exception {
    Path copy = temp.resolve("copy");
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      for (SignedPacket packet : more) {
        await(store.upsert(packet));
      }
      copy(directory, copy);
    }
    return copy;
  }

  private static void copy(Path from, Path to) throws IOException {
    delete(to);
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void assertRefused(Path directory, String... says) throws IOException {
    List<byte[]> before = contents(directory);
    assertThatThrownBy(() -> FilePacketStore.open(directory).close())
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.DAMAGED);
              assertThat(e).hasMessageContainingAll(says);
            });
    assertThat(contents(directory)).usingElementComparator(Arrays::compare).isEqualTo(before);
  }

  private static List<byte[]> contents(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of(Files.readAllBytes(directory));
    }
    List<byte[]> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        all.add(Files.readAllBytes(file));
      }
    }
    return all;
  }

  private static void assertHolds(FilePacketStore store, List<SignedPacket> all)
      throws StoreException {
    for (SignedPacket packet : all) {
      assertThat(await(store.get(packet.nodeId()))).contains(packet);
    }
  }

  private Path table() {
    return directory.resolve("table.mv.db");
  }

  private static Path newestLog(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("log-"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private static void truncate(Path file, long length) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(length);
    }
  }

  private static void flip(Path file, long at, int mask) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(at);
      int old = open.read();
      open.seek(at);
      open.write(old ^ mask);
    }
  }

  @Test
  void aByteThatChangedAnywhereIsHarmlessOrTheStoreIsRefused() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    SignedPacket late = packet(key(KEYS), 5_000, "late");
    Path original = unclosedCopy(List.of(late));
    List<SignedPacket> all = new ArrayList<>(packets);
    all.add(late);
    Path copy = temp.resolve("flipped");
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      copy(original, copy);
      Path file =
          copy.resolve(round % 3 == 0 ? newestLog(copy).getFileName().toString() : "table.mv.db");
      long at = (long) (random.nextDouble() * Files.size(file));
      int mask = 1 + random.nextInt(255);
      flip(file, at, mask);
      try (FilePacketStore store = FilePacketStore.open(copy)) {
        assertHolds(store, all);
      } catch (StoreException e) {
        assertThat(e.reason()).as("byte %d of %s", at, file).isEqualTo(Reason.DAMAGED);
        assertThat(e).hasMessageContaining(copy.toString());
        refused++;
      }
    }
    assertThat(refused).as("refused").isPositive();
  }

  @Test
  void aFileThatWasCutOffAnywhereIsRefusedIfItHeldAnything() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    SignedPacket late = packet(key(KEYS), 5_000, "late");
    Path original = unclosedCopy(List.of(late));
    List<SignedPacket> all = new ArrayList<>(packets);
    all.add(late);
    Path copy = temp.resolve("cut");
    for (int round = 0; round < ROUNDS / 2; round++) {
      copy(original, copy);
      Path file =
          copy.resolve(round % 2 == 0 ? newestLog(copy).getFileName().toString() : "table.mv.db");
      truncate(file, (long) (random.nextDouble() * Files.size(file)));
      try (FilePacketStore store = FilePacketStore.open(copy)) {
        assertHolds(store, all);
      } catch (StoreException e) {
        assertThat(e.reason()).as("cut %s", file).isEqualTo(Reason.DAMAGED);
      }
    }
  }

  @Test
  void anEmptyTableIsNotTakenForANewStore() throws Exception {
    truncate(table(), 0);
    assertRefused(directory, "table.mv.db", "missing or empty");
  }

  @Test
  void aStoreWithoutItsTableIsNotTakenForANewOne() throws Exception {
    Files.delete(table());
    assertRefused(directory, "holds files, but no table.mv.db");
  }

  @Test
  void aStoreWithoutItsLogIsRefused() throws Exception {
    Files.delete(newestLog(directory));
    assertRefused(directory, "log", "is missing");
  }

  @Test
  void anOlderCopyOfTheTableIsRefused() throws Exception {
    Path old = Files.copy(table(), temp.resolve("old"));
    store(List.of(packet(key(1), 9_000, "newer")));
    Files.copy(old, table(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertRefused(directory, "the table was cut off or is an older copy");
  }

  @Test
  void theLogOfAnotherStoreIsRefused() throws Exception {
    Path other = temp.resolve("other");
    FilePacketStore.open(other).close();
    Path mine = newestLog(directory);
    Files.delete(mine);
    Files.copy(newestLog(other), mine);
    assertRefused(directory, mine.toString(), "belongs to another store or has been renamed");
  }

  @Test
  void anotherProgramsFileIsRefusedAndLeftAsItIs() throws Exception {
    Files.write(table(), "SQLite format 3\0 and so on".repeat(1_000).getBytes());
    assertRefused(directory, "table.mv.db", "is damaged or not a packet store");
  }

  @Test
  void anotherProgramsH2FileIsRefused() throws Exception {
    Files.delete(table());
    try (MVStore other = MVStore.open(table().toString())) {
      other.openMap("theirs").put("a", "b");
    }
    assertThatThrownBy(() -> FilePacketStore.open(directory))
        .hasMessageContaining("it is a file of H2, but another program's");
    try (MVStore other = MVStore.open(table().toString())) {
      assertThat(other.openMap("theirs")).containsEntry("a", "b");
      assertThat(other.getMapNames()).containsExactly("theirs");
    }
  }

  @Test
  void aTableOfANewerVersionIsRefusedAndTheMessageSaysWhatToDo() throws Exception {
    try (MVStore store = MVStore.open(table().toString())) {
      store.<String, String>openMap("warren").put("format", "2");
    }
    assertThatThrownBy(() -> FilePacketStore.open(directory))
        .hasMessageContaining("has the format 2, and this program knows 1")
        .hasMessageContaining("written by a newer version; use that");
  }

  @Test
  void aLogOfANewerVersionIsRefusedAndTheMessageSaysWhatToDo() throws Exception {
    Path log = newestLog(directory);
    byte[] bytes = Files.readAllBytes(log);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putInt(8, 2);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(bytes, 0, 36);
    header.putInt(36, (int) crc.getValue());
    Files.write(log, bytes);
    assertRefused(directory, log.toString(), "written by a newer version");
  }

  @Test
  void aFileInThePlaceOfTheFolderIsRefused() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "mine");
    assertRefused(file, "it is no folder");
    assertThat(file).hasContent("mine");
  }

  @Test
  void aFolderWithOtherFilesIsRefused() throws Exception {
    Path other = Files.createDirectory(temp.resolve("documents"));
    Files.writeString(other.resolve("letter.txt"), "dear");
    assertRefused(other, "it holds files, but no table.mv.db");
  }

  @Test
  void aStartThatWasInterruptedWhileItCreatedTheStoreIsBegunAnew() throws Exception {
    Path fresh = temp.resolve("fresh");
    Path unfinished = Files.createDirectory(temp.resolve("fresh.new"));
    Files.write(unfinished.resolve("table.mv.db"), new byte[100]);
    try (FilePacketStore store = FilePacketStore.open(fresh)) {
      assertThat(await(store.upsert(packets.get(0)))).isEqualTo(Upsert.UPDATED);
    }
    assertThat(unfinished).doesNotExist();
  }
}
