package dev.warren.cli.files;

import dev.warren.base.PeerException;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.RecvStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Fetches what a {@link FileOffer} offers into a folder. Used once, on one thread that may block.
 */
public final class FileFetch {
  /** A file whose hash is wrong is fetched again from its beginning, so often. */
  private static final int ROUNDS = 3;

  private static final Duration PEER_CLOSE = Duration.ofSeconds(3);

  private final Path out;
  private final Predicate<Path> mayReplace;
  private final Progress progress;
  private final byte[] chunk = new byte[FileStreams.CHUNK];
  private boolean arriving;
  private long firstByte;

  /**
   * What has arrived.
   *
   * @param present bytes that an earlier attempt had brought
   * @param blake3 of the file; of all hashes in the order of the offer for a folder
   * @param nanos from the first byte of a file until all was on the disk under its name; 0 if no
   *     byte was lacking
   */
  public record Fetched(
      Path target, long files, long bytes, long present, String blake3, long nanos) {
    private Fetched after(long time) {
      return new Fetched(target, files, bytes, present, blake3, time);
    }
  }

  /**
   * @param mayReplace asked once, before anything is written, if the target exists
   */
  public FileFetch(Path out, Predicate<Path> mayReplace, Progress progress) {
    this.out = out;
    this.mayReplace = mayReplace;
    this.progress = progress;
  }

  /**
   * Runs the transfer to its end.
   *
   * @throws PeerException if the connection or the sender ends first; what has arrived is kept
   * @throws FileTransferException if it cannot go on here; the message says why
   */
  public Fetched fetch(Connection connection) throws IOException {
    try (BiStream stream = connection.openBi()) {
      stream.send().write(new byte[] {FileStreams.VERSION});
      Manifest manifest = Manifest.decode(FileStreams.readManifest(stream.recv()));
      Path target = FileNames.resolve(out, manifest.name());
      boolean exists = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
      if (exists && !mayReplace.test(target)) {
        throw new FileTransferException(
            target + " exists; --overwrite replaces it, or choose another folder with --out");
      }
      try (Staging staging = Staging.open(out, manifest)) {
        Fetched fetched = fetch(stream, manifest, staging, target);
        staging.publish(target, exists);
        long nanos = arriving ? System.nanoTime() - firstByte : 0;
        FileStreams.writeWants(stream.send(), List.of());
        // The sender hears that we have everything, and closes.
        connection.awaitPeerClose(PEER_CLOSE);
        return fetched.after(nanos);
      }
    } catch (PeerException e) {
      throw e;
    } catch (IOException e) {
      connection.close(1, brief(e));
      throw e;
    }
  }

  private static String brief(IOException e) {
    String text = String.valueOf(e.getMessage());
    return text.substring(0, Math.min(200, text.length()));
  }

  private Fetched fetch(BiStream stream, Manifest manifest, Staging staging, Path target)
      throws IOException {
    for (int i = 0; i < manifest.entries().size(); i++) {
      if (manifest.entries().get(i).folder()) {
        staging.createFolder(i);
      }
    }
    List<FileStreams.Want> wants = new ArrayList<>();
    long lacking = 0;
    for (int index : staging.lacking()) {
      long offset = staging.length(index);
      wants.add(new FileStreams.Want(index, offset));
      lacking += manifest.entries().get(index).size() - offset;
    }
    checkSpace(staging, lacking);
    progress.begin(manifest.bytes(), manifest.bytes() - lacking);
    for (int round = 0; !wants.isEmpty(); round++) {
      if (round == ROUNDS) {
        throw new FileTransferException(
            "what arrives does not have the hash that the sender computes, "
                + ROUNDS
                + " times: "
                + manifest.entries().get(wants.get(0).index()).shown(manifest));
      }
      FileStreams.writeWants(stream.send(), wants);
      List<FileStreams.Want> again = new ArrayList<>();
      for (FileStreams.Want want : wants) {
        if (!receive(stream.recv(), manifest, staging, want)) {
          again.add(new FileStreams.Want(want.index(), 0));
        }
      }
      wants = again;
    }
    return new Fetched(
        target,
        manifest.files(),
        manifest.bytes(),
        manifest.bytes() - lacking,
        Blake3.hex(hashOfAll(manifest, staging)),
        0);
  }

  private void checkSpace(Staging staging, long lacking) throws IOException {
    long usable = staging.usable();
    if (lacking > usable) {
      throw new FileTransferException(
          out + " has room for " + usable + " bytes, " + lacking + " are needed");
    }
  }

  private static byte[] hashOfAll(Manifest manifest, Staging staging) {
    Blake3 all = new Blake3();
    for (int i = 0; i < manifest.entries().size(); i++) {
      byte[] hash = staging.hash(i);
      if (hash != null) {
        if (manifest.single()) {
          return hash;
        }
        all.update(hash, 0, hash.length);
      }
    }
    return all.hash();
  }

  /** False if the hash was wrong: the part is gone then. */
  private boolean receive(RecvStream in, Manifest manifest, Staging staging, FileStreams.Want want)
      throws IOException {
    Manifest.Entry entry = manifest.entries().get(want.index());
    Blake3 blake = new Blake3();
    try (FileChannel file = staging.open(want.index())) {
      file.truncate(want.offset());
      blake.updatePrefix(file, want.offset(), chunk);
      long left = entry.size() - want.offset();
      for (int n = FileStreams.readChunkLength(in); n > 0; n = FileStreams.readChunkLength(in)) {
        if (!arriving) {
          arriving = true;
          firstByte = System.nanoTime();
        }
        left -= n;
        if (left < 0) {
          throw new FileTransferException(
              "the sender sent more than it offered of " + entry.shown(manifest));
        }
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, n);
        in.readFully(bytes);
        blake.update(chunk, 0, n);
        for (bytes.flip(); bytes.hasRemaining(); ) {
          file.write(bytes);
        }
        progress.moved(n);
      }
      byte[] expected = FileStreams.readBytes(in, Blake3.BYTES);
      if (left > 0 || !Arrays.equals(expected, blake.hash())) {
        file.truncate(0);
        return false;
      }
      file.close();
      staging.completed(want.index(), expected);
      return true;
    } catch (PeerException | FileTransferException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new FileTransferException(
          "cannot write "
              + entry.shown(manifest)
              + " below "
              + out
              + ": "
              + Folders.reason(e)
              + "; what has arrived is kept, run the same command again to resume",
          e);
    }
  }
}
