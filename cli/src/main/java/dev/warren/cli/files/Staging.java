package dev.warren.cli.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a transfer lives until it is whole: a hidden folder beside the target with the files that
 * have arrived, parts of files, and a journal of those whose hash was right. The target appears by
 * one rename. A process that dies leaves what it had; the journal says which manifest it was for.
 */
final class Staging implements AutoCloseable {
  private static final int RECORD = 4 + Blake3.BYTES;

  private final Manifest manifest;
  private final Path folder;
  private final FileChannel journal;
  private final Map<Integer, byte[]> done = new HashMap<>();

  private Staging(Manifest manifest, Path folder, FileChannel journal) {
    this.manifest = manifest;
    this.folder = folder;
    this.journal = journal;
  }

  /** Opens what an earlier attempt left for the same manifest, or begins anew. */
  static Staging open(Path out, Manifest manifest) throws IOException {
    byte[] id = Arrays.copyOf(Blake3.of(manifest.name()), 8);
    Path folder = out.resolve(".warren-" + HexFormat.of().formatHex(id));
    FileChannel journal;
    try {
      Files.createDirectories(folder);
      journal =
          FileChannel.open(
              folder.resolve("journal"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new FileTransferException("cannot write to " + out + ": " + Folders.reason(e), e);
    }
    Staging staging = new Staging(manifest, folder, journal);
    try {
      staging.lock();
      staging.load();
      return staging;
    } catch (IOException e) {
      journal.close();
      throw e;
    }
  }

  private void lock() throws IOException {
    FileLock lock;
    try {
      lock = journal.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new FileTransferException(
          "another receive of "
              + FileNames.shown(manifest.name())
              + " is writing to "
              + folder.getParent());
    }
  }

  private void load() throws IOException {
    byte[] fingerprint = Blake3.of(manifest.encode());
    ByteBuffer head = ByteBuffer.allocate(Blake3.BYTES);
    while (head.hasRemaining() && journal.read(head) > 0) {
      // Reads until full or the end.
    }
    if (head.hasRemaining() || !Arrays.equals(head.array(), fingerprint)) {
      deleteTree(folder.resolve("tree"));
      journal.truncate(0);
      // Records follow at the channel's position, so it has to move.
      journal.position(0);
      journal.write(ByteBuffer.wrap(fingerprint));
    } else {
      loadRecords();
    }
    Files.createDirectories(folder.resolve("tree"));
  }

  private void loadRecords() throws IOException {
    long whole = (journal.size() - Blake3.BYTES) / RECORD;
    ByteBuffer records =
        ByteBuffer.allocate((int) Math.min(whole, manifest.entries().size()) * RECORD);
    while (records.hasRemaining() && journal.read(records) > 0) {
      // Reads until full or the end.
    }
    records.flip();
    while (records.remaining() >= RECORD) {
      int index = records.getInt();
      byte[] hash = new byte[Blake3.BYTES];
      records.get(hash);
      if (index >= 0 && index < manifest.entries().size() && length(index) == size(index)) {
        done.put(index, hash);
      }
    }
    // A torn record at the end is written over.
    journal.position(Blake3.BYTES + whole * RECORD);
  }

  private long size(int index) {
    return manifest.entries().get(index).size();
  }

  /** The hash of a file that is whole; null if it is not. */
  byte @Nullable [] hash(int index) {
    return done.get(index);
  }

  /** Where an entry is kept. */
  Path path(int index) {
    Path path = FileNames.resolve(folder.resolve("tree"), manifest.name());
    for (byte[] component : manifest.entries().get(index).path()) {
      path = FileNames.resolve(path, component);
    }
    return path;
  }

  /** How much of a file is here, at most its size. */
  long length(int index) throws IOException {
    Path path = path(index);
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return 0;
    }
    return Math.min(Files.size(path), size(index));
  }

  void createFolder(int index) throws IOException {
    Files.createDirectories(path(index));
  }

  FileChannel open(int index) throws IOException {
    return FileChannel.open(
        path(index),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS);
  }

  void completed(int index, byte[] hash) throws IOException {
    setAttributes(index);
    journal.write(ByteBuffer.allocate(RECORD).putInt(index).put(hash).flip());
    done.put(index, hash);
  }

  private void setAttributes(int index) throws IOException {
    Manifest.Entry entry = manifest.entries().get(index);
    Path path = path(index);
    if (entry.executable() && !path.toFile().setExecutable(true, false)) {
      // A file system without the bit: the content is what counts.
      return;
    }
    Files.setLastModifiedTime(path, FileTime.from(entry.mtime(), TimeUnit.NANOSECONDS));
  }

  /** Bytes that the file system still takes. */
  long usable() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** The whole tree becomes the target; what was there goes, if that was asked for. */
  void publish(Path target, boolean replace) throws IOException {
    for (int i = manifest.entries().size() - 1; i >= 0; i--) {
      if (manifest.entries().get(i).folder()) {
        setAttributes(i);
      }
    }
    Path whole = FileNames.resolve(folder.resolve("tree"), manifest.name());
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (!replace) {
        throw new FileTransferException(
            target + " appeared meanwhile; move it away and run again, nothing is fetched twice");
      }
      Path old = folder.resolve("replaced");
      deleteTree(old);
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
    journal.close();
    deleteTree(folder);
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }

  private static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path d, @Nullable IOException e)
              throws IOException {
            Files.delete(d);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Entries that are files and not whole yet. */
  List<Integer> lacking() {
    return java.util.stream.IntStream.range(0, manifest.entries().size())
        .filter(i -> !manifest.entries().get(i).folder() && !done.containsKey(i))
        .boxed()
        .toList();
  }
}
