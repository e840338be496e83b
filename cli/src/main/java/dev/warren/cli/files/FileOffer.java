package dev.warren.cli.files;

import dev.warren.base.Alpn;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.RecvStream;
import dev.warren.core.SendStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file or folder that peers may fetch. Symbolic links and special files inside a folder are left
 * out and counted: what they point to was not offered. Any number of connections at once.
 */
public final class FileOffer {
  /** For a window of file bytes and the sentence behind them, on a slow line. */
  private static final Duration FAILURE_HEARD = Duration.ofSeconds(10);

  private final Path root;
  private final Manifest manifest;
  private final List<Path> paths;
  private final int skipped;

  /** What one peer fetched. */
  public record Served(long files, long bytes) {}

  private FileOffer(Path root, Manifest manifest, List<Path> paths, int skipped) {
    this.root = root;
    this.manifest = manifest;
    this.paths = paths;
    this.skipped = skipped;
  }

  /** The protocol that {@link #serve} speaks. */
  public static Alpn alpn() {
    return FileStreams.ALPN;
  }

  /**
   * Lists what is there now.
   *
   * @throws FileTransferException if something in it cannot be read
   */
  public static FileOffer of(Path path) throws IOException {
    Path root;
    try {
      root = path.toRealPath();
    } catch (IOException e) {
      throw new FileTransferException("cannot read " + path + ": " + Folders.reason(e), e);
    }
    if (FileNames.nameOf(root).length == 0) {
      throw new FileTransferException("the root of a file system has no name to send it under");
    }
    Scan scan = new Scan();
    scan.add(root, List.of());
    Manifest manifest = new Manifest(FileNames.nameOf(root), List.copyOf(scan.entries));
    if (!manifest.fits()) {
      throw new FileTransferException(
          path + " holds too many files for one transfer: send parts of it, or an archive");
    }
    return new FileOffer(root, manifest, List.copyOf(scan.paths), scan.skipped);
  }

  private static final class Scan {
    final List<Manifest.Entry> entries = new ArrayList<>();
    final List<Path> paths = new ArrayList<>();
    int skipped;

    void add(Path path, List<byte[]> components) throws IOException {
      BasicFileAttributes a =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!a.isDirectory() && !a.isRegularFile()) {
        skipped++;
        return;
      }
      if (!Files.isReadable(path)) {
        throw new FileTransferException("cannot read " + path + ": permission denied");
      }
      entries.add(
          new Manifest.Entry(
              a.isDirectory(),
              !a.isDirectory() && Files.isExecutable(path),
              a.lastModifiedTime().to(TimeUnit.NANOSECONDS),
              a.isDirectory() ? 0 : a.size(),
              components));
      paths.add(path);
      if (a.isDirectory()) {
        addChildren(path, components);
      }
    }

    private void addChildren(Path folder, List<byte[]> components) throws IOException {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
        for (Path child : children) {
          List<byte[]> below = new ArrayList<>(components);
          below.add(FileNames.nameOf(child));
          add(child, List.copyOf(below));
        }
      }
    }
  }

  /** Its name, fit for a terminal. */
  public String name() {
    return FileNames.shown(manifest.name());
  }

  /** Where it is. */
  public Path root() {
    return root;
  }

  public long files() {
    return manifest.files();
  }

  public long bytes() {
    return manifest.bytes();
  }

  /** Links and special files that were left out. */
  public int skipped() {
    return skipped;
  }

  /** Serves one peer until it has everything; closes the connection with code 0 then. */
  public Served serve(Connection connection, Progress progress) throws IOException {
    try (BiStream stream = connection.acceptBi()) {
      RecvStream in = stream.recv();
      SendStream out = stream.send();
      int version = FileStreams.readBytes(in, 1)[0];
      if (version != FileStreams.VERSION) {
        FileStreams.writeFailure(out, "version " + version + " of transfer is not known");
        throw new FileTransferException("the receiver speaks version " + version);
      }
      FileStreams.writeManifest(out, manifest.encode());
      long bytes = 0;
      long files = 0;
      byte[] chunk = new byte[4 + FileStreams.CHUNK];
      boolean begun = false;
      for (List<FileStreams.Want> wants = FileStreams.readWants(in, manifest);
          !wants.isEmpty();
          wants = FileStreams.readWants(in, manifest)) {
        if (!begun) {
          begun = true;
          long wanted = wants.stream().mapToLong(this::lacking).sum();
          progress.begin(manifest.bytes(), manifest.bytes() - wanted);
        }
        for (FileStreams.Want want : wants) {
          bytes += send(want, connection, out, chunk, progress);
          files++;
        }
      }
      connection.close(0, "complete");
      return new Served(files, bytes);
    }
  }

  private long lacking(FileStreams.Want want) {
    return manifest.entries().get(want.index()).size() - want.offset();
  }

  private long send(
      FileStreams.Want want, Connection connection, SendStream out, byte[] chunk, Progress progress)
      throws IOException {
    Manifest.Entry entry = manifest.entries().get(want.index());
    try (FileChannel file =
        FileChannel.open(
            paths.get(want.index()), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      checkUnchanged(want.index());
      Blake3 blake = new Blake3();
      blake.updatePrefix(file, want.offset(), chunk);
      for (long left = entry.size() - want.offset(); left > 0; ) {
        int n = file.read(ByteBuffer.wrap(chunk, 4, (int) Math.min(left, FileStreams.CHUNK)));
        if (n < 0) {
          throw new FileTransferException("it became shorter");
        }
        blake.update(chunk, 4, n);
        FileStreams.writeChunk(out, chunk, n);
        progress.moved(n);
        left -= n;
      }
      // What was written over while we read went out as a mixture, with a hash that fits it.
      checkUnchanged(want.index());
      FileStreams.writeEnd(out, blake.hash());
      return entry.size() - want.offset();
    } catch (dev.warren.base.PeerException e) {
      throw e;
    } catch (IOException e) {
      String why =
          entry.shown(manifest)
              + " changed or cannot be read ("
              + e.getMessage()
              + "); offer it again";
      FileStreams.writeFailure(out, why);
      // It is behind what is still under way, and closing throws that away.
      connection.awaitPeerClose(FAILURE_HEARD);
      throw new FileTransferException(why, e);
    }
  }

  /**
   * A receiver that resumes puts what it has of an earlier connection before what we send now, so a
   * file must be what it was when it was listed, for as long as the offer lasts.
   */
  private void checkUnchanged(int index) throws IOException {
    Manifest.Entry entry = manifest.entries().get(index);
    BasicFileAttributes now =
        Files.readAttributes(
            paths.get(index), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!now.isRegularFile() || now.size() != entry.size()) {
      throw new FileTransferException("its size is not what was offered");
    }
    if (now.lastModifiedTime().to(TimeUnit.NANOSECONDS) != entry.mtime()) {
      throw new FileTransferException("it was written to after it was offered");
    }
  }
}
