package dev.warren.cli.files;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A transfer that cannot go on; the message is for the user and says what to do. */
public final class FileTransferException extends IOException {
  private static final long serialVersionUID = 1;

  FileTransferException(@Nullable String message) {
    super(message);
  }

  FileTransferException(String message, Throwable cause) {
    super(message, cause);
  }
}
