package dev.warren.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A relay token that is read from a file each time, so that it can be changed. Any thread. */
final class TokenFile implements Supplier<@Nullable String> {
  /** Twice the longest token: whatever is in the file, no more of it is read. */
  private static final int MAX = 16 * 1024;

  private final Path file;

  TokenFile(Path file) {
    this.file = file;
  }

  /** The file's content without blanks around it; nothing if it is empty. */
  @Override
  public @Nullable String get() {
    try (InputStream in = Files.newInputStream(file)) {
      String token = new String(in.readNBytes(MAX), StandardCharsets.UTF_8).strip();
      return token.isEmpty() ? null : token;
    } catch (IOException e) {
      throw new UncheckedIOException("the relay token file " + file + " cannot be read", e);
    }
  }
}
