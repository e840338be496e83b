package dev.warren.cli.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a transfer lives until it is whole: a hidden folder beside the target with the files that
 * have arrived, parts of files, and a journal of those whose hash was right. The target appears by
 * one rename. A process that dies leaves what it had; the journal says which manifest it was for,
 * and nothing of a file that a power failure could still take back. Nobody but the user may look
 * into the folder, or change what is vouched for.
 */
final class Staging implements AutoCloseable {
  private static final int RECORD = 4 + Blake3.BYTES;

  /**
   * Files are forced to the disk together, once so much has come: to wait for the disk after each
   * would take longer than the transfer if they are small. This much is fetched again at most.
   */
  private static final long BATCH_BYTES = 64L << 20;

  private static final int BATCH_FILES = 1000;
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private final Manifest manifest;
  private final Path folder;
  private final FileChannel journal;
  private final Map<Integer, byte[]> done = new HashMap<>();

  /** Entries of which something is here. */
  private final BitSet begun = new BitSet();

  /** Whole files that are not in the journal yet. */
  private final List<Integer> unrecorded = new ArrayList<>();

  private long unrecordedBytes;

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
      Files.createDirectories(out);
      createPrivate(folder);
      journal =
          FileChannel.open(
              folder.resolve("journal"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
    } catch (FileTransferException e) {
      throw e;
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

  /** One that is there is taken only if it is a real folder of ours. */
  private static void createPrivate(Path folder) throws IOException {
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    try {
      Files.createDirectory(
          folder,
          posix
              ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)}
              : new FileAttribute<?>[0]);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileTransferException(
            folder + " is not a folder: move it away and run the command again");
      }
      if (posix) {
        makePrivate(folder);
      }
    }
  }

  private static void makePrivate(Path folder) throws IOException {
    try {
      Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setPermissions(PRIVATE);
    } catch (FileSystemException e) {
      // FAT has no modes, and there everything belongs to whoever mounted it.
      Path probe = Files.createTempFile(folder.getParent(), ".warren-", "");
      boolean ours =
          Files.getOwner(probe).equals(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS));
      Files.delete(probe);
      if (!ours) {
        throw new FileTransferException(
            folder + " belongs to somebody else: choose another folder with --out");
      }
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
      Disk.deleteTree(folder.resolve("tree"));
      journal.truncate(0);
      // Records follow at the channel's position, so it has to move.
      journal.position(0);
      journal.write(ByteBuffer.wrap(fingerprint));
    } else {
      loadBegun();
      loadRecords();
    }
    Files.createDirectories(folder.resolve("tree"));
  }

  private void loadBegun() throws IOException {
    Map<Object, Integer> known = new HashMap<>();
    for (int i = 0; i < manifest.entries().size(); i++) {
      Path path = path(i);
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        Object key =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        Integer other = known.putIfAbsent(key == null ? path.toRealPath().toString() : key, i);
        if (other != null) {
          throw collision(other, i);
        }
        begun.set(i);
      }
    }
  }

  private FileTransferException collision(int one, int two) {
    return new FileTransferException(
        manifest.entries().get(one).shown(manifest)
            + " and "
            + manifest.entries().get(two).shown(manifest)
            + " have the same name on the file system of "
            + folder.getParent()
            + ": choose another one with --out, or rename one of them and offer it again");
  }

  /** What is there already, though nothing of this entry has come. */
  private FileTransferException collision(int index) throws IOException {
    Path path = path(index);
    for (int i = begun.nextSetBit(0); i >= 0; i = begun.nextSetBit(i + 1)) {
      if (i != index && Files.exists(path(i)) && Files.isSameFile(path(i), path)) {
        return collision(i, index);
      }
    }
    return new FileTransferException(
        path + " was put there by somebody else: delete " + folder + " and run the command again");
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
      // Nothing has the length of an empty file, too.
      if (index >= 0 && begun.get(index) && length(index) == size(index)) {
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
    if (begun.get(index)) {
      return;
    }
    try {
      Files.createDirectory(path(index));
    } catch (FileAlreadyExistsException e) {
      throw collision(index);
    }
    begun.set(index);
  }

  FileChannel open(int index) throws IOException {
    try {
      FileChannel file =
          FileChannel.open(
              path(index),
              begun.get(index) ? StandardOpenOption.CREATE : StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      begun.set(index);
      return file;
    } catch (FileAlreadyExistsException e) {
      throw collision(index);
    }
  }

  /** All of a file is here, with this hash; it must have been closed. */
  void completed(int index, byte[] hash) throws IOException {
    setAttributes(index);
    done.put(index, hash);
    unrecorded.add(index);
    unrecordedBytes += size(index);
    if (unrecorded.size() >= BATCH_FILES || unrecordedBytes >= BATCH_BYTES) {
      record();
    }
  }

  /** The journal speaks of files only that are on the disk. */
  private void record() throws IOException {
    ByteBuffer records = ByteBuffer.allocate(unrecorded.size() * RECORD);
    for (int index : unrecorded) {
      Disk.force(path(index));
      records.putInt(index).put(done.get(index));
    }
    for (records.flip(); records.hasRemaining(); ) {
      journal.write(records);
    }
    journal.force(false);
    unrecorded.clear();
    unrecordedBytes = 0;
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

  /**
   * The whole tree becomes the target; what was there goes, if that was asked for, after the new is
   * on the disk under its name.
   */
  void publish(Path target, boolean replace) throws IOException {
    record();
    for (int i = manifest.entries().size() - 1; i >= 0; i--) {
      if (manifest.entries().get(i).folder()) {
        setAttributes(i);
        Disk.forceFolder(path(i));
      }
    }
    Path tree = folder.resolve("tree");
    Disk.forceFolder(tree);
    Path whole = FileNames.resolve(tree, manifest.name());
    Publication.publish(whole, target, replace, folder.resolve("replaced"));
    Disk.forceFolder(folder.getParent());
    journal.close();
    try {
      Disk.deleteTree(folder);
    } catch (IOException remains) {
      // The transfer is whole. What cannot be deleted is the old, and stays in the hidden folder.
    }
  }

  @Override
  public void close() throws IOException {
    try (journal) {
      if (journal.isOpen()) {
        record();
      }
    }
  }

  /** Entries that are files and not whole yet. */
  List<Integer> lacking() {
    return java.util.stream.IntStream.range(0, manifest.entries().size())
        .filter(i -> !manifest.entries().get(i).folder() && !done.containsKey(i))
        .boxed()
        .toList();
  }
}
