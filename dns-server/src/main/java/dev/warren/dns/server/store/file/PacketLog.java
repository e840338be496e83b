package dev.warren.dns.server.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was acknowledged and may not be in the table yet: numbered {@link LogSegment segments}
 * without a gap. The table says up to which number it holds everything (its checkpoint); the
 * segment after that one is always there, so that either of the two shows when the other was lost
 * or went back.
 *
 * <p>For one thread.
 */
final class PacketLog implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("log-([0-9a-f]{16})");

  private final Path directory;
  private final StoreId id;
  private @Nullable LogSegment current;
  private long newest;
  private long earlierBytes;

  private PacketLog(Path directory, StoreId id, long newest) {
    this.directory = directory;
    this.id = id;
    this.newest = newest;
  }

  /** Creates the first segment of a new store. */
  static void create(Path directory, StoreId id) throws IOException {
    LogSegment.create(file(directory, 1), id, 1).close();
  }

  /**
   * Reads the log that follows {@code checkpoint}; to append, {@link #roll()} first.
   *
   * @param each gets every packet, the oldest first
   */
  static PacketLog open(Path directory, StoreId id, long checkpoint, Consumer<byte[]> each)
      throws IOException {
    TreeMap<Long, Path> segments = list(directory);
    check(directory, segments, checkpoint);
    PacketLog log = new PacketLog(directory, id, segments.lastKey());
    for (var segment : segments.tailMap(checkpoint + 1).entrySet()) {
      LogSegment.read(segment.getValue(), id, segment.getKey(), each);
      log.earlierBytes += Files.size(segment.getValue());
    }
    log.deleteUpTo(checkpoint);
    return log;
  }

  private static TreeMap<Long, Path> list(Path directory) throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          found.put(Long.parseLong(name.group(1), 16), file);
        }
      }
    }
    return found;
  }

  private static void check(Path directory, TreeMap<Long, Path> segments, long checkpoint)
      throws IOException {
    long next = checkpoint + 1;
    if (segments.isEmpty() || segments.lastKey() < next) {
      throw Damage.of(directory, "the log " + file(directory, next) + " is missing", null);
    }
    if (segments.firstKey() > next) {
      String why =
          "the table ends before %s, but the log begins with %s: the table was cut off or is an older"
              + " copy, or a part of the log is missing";
      throw Damage.of(
          directory,
          why.formatted(
              file(directory, next).getFileName(), segments.firstEntry().getValue().getFileName()),
          null);
    }
    for (long number = next; number < segments.lastKey(); number++) {
      if (!segments.containsKey(number)) {
        throw Damage.of(directory, "the log " + file(directory, number) + " is missing", null);
      }
    }
  }

  private static Path file(Path directory, long number) {
    return directory.resolve(String.format(Locale.ROOT, "log-%016x", number));
  }

  /** The number of the segment that is appended to. */
  long newest() {
    return newest;
  }

  /** Bytes of all segments that are not deleted. */
  long bytes() {
    return earlierBytes + (current == null ? 0 : current.length());
  }

  /** Appends and syncs; begins a new segment first where the last one failed. */
  void append(List<byte[]> packets) throws IOException {
    if (current == null) {
      roll();
    }
    try {
      current.append(packets);
    } catch (IOException | RuntimeException e) {
      earlierBytes += current.length();
      current.abandon();
      current = null;
      throw e;
    }
  }

  /** Begins a new segment. */
  void roll() throws IOException {
    long number = newest + 1;
    Path unfinished = directory.resolve("log.new");
    LogSegment segment = LogSegment.create(unfinished, id, number);
    try {
      Files.move(unfinished, file(directory, number), StandardCopyOption.ATOMIC_MOVE);
      sync(directory);
    } catch (IOException e) {
      segment.close();
      throw e;
    }
    if (current != null) {
      earlierBytes += current.length();
      current.close();
    }
    current = segment;
    newest = number;
  }

  /** Makes the names in {@code directory} outlive the machine. */
  static void sync(Path directory) throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /** Forgets what the table has; the oldest first, so that a crash leaves no gap. */
  void deleteUpTo(long number) throws IOException {
    for (var segment : list(directory).headMap(number, true).entrySet()) {
      Files.delete(segment.getValue());
    }
    earlierBytes = 0;
    for (var segment : list(directory).headMap(newest, false).entrySet()) {
      earlierBytes += Files.size(segment.getValue());
    }
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}
