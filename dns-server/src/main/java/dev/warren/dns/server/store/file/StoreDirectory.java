package dev.warren.dns.server.store.file;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The folder of a store, held by one process: {@code packets} with a table and a log, {@code
 * packets.lock} beside it. A new folder gets its name when everything is in it, so a store without
 * one of its files has lost it.
 */
final class StoreDirectory implements AutoCloseable {
  private static final String TABLE = "table.mv.db";
  private static final int MAX_HOLDER = 512;

  /**
   * The locks of this process. Looked at first: to open and close a lock's file again in the same
   * process gives the lock back, by the rules of POSIX.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Path lockFile;
  private final FileChannel lock;

  private StoreDirectory(Path directory, Path lockFile, FileChannel lock) {
    this.directory = directory;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** Takes {@code directory} for this process; creates a store there if there is nothing. */
  static StoreDirectory open(Path directory) throws StoreException {
    try {
      Path absolute = directory.toAbsolutePath().normalize();
      Path parent = Files.createDirectories(absolute.getParent()).toRealPath();
      StoreDirectory held = lock(parent.resolve(absolute.getFileName()));
      try {
        held.createIfAbsent();
        return held;
      } catch (IOException | RuntimeException e) {
        held.close();
        throw e;
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(
          Reason.UNAVAILABLE, "cannot open the packet store " + directory + ": " + e, e);
    }
  }

  private static StoreDirectory lock(Path directory) throws IOException {
    Path file = directory.resolveSibling(directory.getFileName() + ".lock");
    if (!HELD.add(file)) {
      throw inUse(directory, "this process");
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(directory, holder(channel));
      }
      writeHolder(channel);
      return new StoreDirectory(directory, file, channel);
    } catch (IOException | RuntimeException e) {
      HELD.remove(file);
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  private static StoreException inUse(Path directory, String who) {
    return new StoreException(
        Reason.IN_USE,
        "the packet store "
            + directory
            + " is in use by "
            + who
            + "; end it, or choose another"
            + " folder");
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(MAX_HOLDER);
    channel.read(text, 0);
    String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
    return holder.isEmpty() ? "another process" : holder;
  }

  private static void writeHolder(FileChannel channel) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    String holder =
        "process "
            + self.pid()
            + self.info().user().map(user -> " of user " + user).orElse("")
            + ", which opened it at "
            + Instant.now().truncatedTo(ChronoUnit.SECONDS)
            + "\n";
    ByteBuffer text = StandardCharsets.UTF_8.encode(holder);
    try {
      channel.truncate(0);
      channel.write(text, 0);
    } catch (IOException e) {
      // A full disk must not keep a store from being opened that only needs to be read.
      channel.truncate(0);
    }
  }

  private void createIfAbsent() throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw Damage.of(directory, "it is no folder", null);
    }
    if (Files.exists(table())) {
      return;
    }
    if (Files.isDirectory(directory) && !isEmpty(directory)) {
      throw Damage.of(directory, "it holds files, but no " + TABLE, null);
    }
    create();
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  private void create() throws IOException {
    Path unfinished = directory.resolveSibling(directory.getFileName() + ".new");
    deleteUnfinished(unfinished);
    Files.createDirectory(unfinished);
    StoreId id = StoreId.random();
    try {
      PacketTable.create(unfinished.resolve(TABLE), id);
    } catch (RuntimeException e) {
      throw new IOException("cannot write to " + unfinished + ": " + e.getMessage(), e);
    }
    PacketLog.create(unfinished, id);
    PacketLog.sync(unfinished);
    Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
    PacketLog.sync(directory.getParent());
  }

  /** What a process that ended in the middle has left; its name says that nothing is in it. */
  private static void deleteUnfinished(Path unfinished) throws IOException {
    if (Files.isDirectory(unfinished)) {
      try (Stream<Path> files = Files.list(unfinished)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
    Files.deleteIfExists(unfinished);
  }

  Path path() {
    return directory;
  }

  Path table() {
    return directory.resolve(TABLE);
  }

  /** Room on the disk for what this process may write. */
  long usableBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public void close() throws StoreException {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StoreException(Reason.UNAVAILABLE, "cannot close " + lockFile + ": " + e, e);
    } finally {
      HELD.remove(lockFile);
    }
  }
}
