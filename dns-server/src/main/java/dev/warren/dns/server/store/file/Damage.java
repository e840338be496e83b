package dev.warren.dns.server.store.file;

import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is said of a file that cannot be trusted. */
final class Damage {
  private Damage() {}

  static StoreException of(Path file, String why, @Nullable Throwable cause) {
    return new StoreException(
        Reason.DAMAGED,
        file
            + " is damaged or not a packet store: "
            + why
            + ". Nothing was changed. Put back a copy of the whole folder, or move it away to begin"
            + " with an empty store",
        cause);
  }
}
