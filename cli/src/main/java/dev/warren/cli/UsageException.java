package dev.warren.cli;

import org.jspecify.annotations.Nullable;

/** The command line is wrong: one sentence, exit code 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(@Nullable String message) {
    super(message, null, false, false);
  }
}
