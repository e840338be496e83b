package dev.warren.cli.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * How a whole transfer appears under its name: all of it or nothing, and in the place of something
 * else only if that was asked for, whatever others do there meanwhile. Stateless.
 */
final class Publication {
  private Publication() {}

  /**
   * @param whole a file or folder on the file system of {@code target}; gone afterwards
   * @param replace whether something at {@code target} may go
   * @param aside where a replaced folder is kept; the caller deletes it. A replaced file is not
   *     kept
   * @throws FileTransferException if it cannot; what is at {@code target} is untouched then
   */
  static void publish(Path whole, Path target, boolean replace, Path aside) throws IOException {
    boolean file = Files.isRegularFile(whole, LinkOption.NOFOLLOW_LINKS);
    try {
      if (!replace || !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        appear(whole, target, file);
      } else if (file && !Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        exchange(whole, target, aside);
      }
    } catch (FileAlreadyExistsException e) {
      throw appeared(target);
    } catch (FileTransferException e) {
      throw e;
    } catch (IOException e) {
      throw new FileTransferException(
          "cannot put " + target + " in its place: " + Folders.reason(e), e);
    }
  }

  private static FileTransferException appeared(Path target) {
    return new FileTransferException(
        target + " appeared meanwhile; move it away and run again, nothing is fetched twice");
  }

  private static void appear(Path whole, Path target, boolean file) throws IOException {
    if (!file) {
      appearFolder(whole, target);
      return;
    }
    try {
      // A hard link never replaces anything, which a rename does.
      Files.createLink(target, whole);
      Files.delete(whole);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException noLinks) {
      // FAT: looks first, then renames, which is all that can be had.
      Files.move(whole, target);
    }
  }

  private static void appearFolder(Path whole, Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw appeared(target);
    }
    try {
      // The rename of a folder fails if a file or a folder with something in it is there.
      Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw Files.exists(target, LinkOption.NOFOLLOW_LINKS) ? appeared(target) : e;
    }
  }

  /** No rename puts a folder over another, so there is a moment in which neither is there. */
  private static void exchange(Path whole, Path target, Path aside) throws IOException {
    Disk.deleteTree(aside);
    Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      putBack(aside, target, e);
      throw e;
    }
  }

  private static void putBack(Path aside, Path target, IOException why)
      throws FileTransferException {
    try {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      why.addSuppressed(e);
      throw new FileTransferException(
          "cannot replace " + target + ": what was there is now " + aside + ", move it back", why);
    }
  }
}
