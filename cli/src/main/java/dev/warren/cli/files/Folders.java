package dev.warren.cli.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What can be said of a folder before it is used, and of a file system's errors. Stateless. */
public final class Folders {
  private Folders() {}

  /**
   * Why nothing could be written into {@code folder}, which may yet have to be made; null if
   * nothing speaks against it. Writes nothing itself.
   */
  public static @Nullable String fault(Path folder) {
    Path existing = folder.toAbsolutePath().normalize();
    while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      return existing + " is not a folder";
    }
    return Files.isWritable(existing) ? null : existing + " cannot be written to";
  }

  /** A bare path as a message is what the file system calls "no such file" or "denied". */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return String.valueOf(e.getMessage());
  }
}
