package dev.warren.cli;

import dev.warren.cli.files.Folders;
import java.nio.file.Path;

/** The command line is wrong: one sentence, exit code 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message, null, false, false);
  }

  /** An option's value must lie between two others, both allowed. */
  static void requireRange(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw new UsageException(option + " is " + min + " to " + max + ", not " + value);
    }
  }

  /** An option names a folder into which something will be written. */
  static void requireFolder(String option, Path folder) {
    String fault = Folders.fault(folder);
    if (fault != null) {
      throw new UsageException(option + ": " + fault);
    }
  }
}
