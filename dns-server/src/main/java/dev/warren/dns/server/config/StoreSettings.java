package dev.warren.dns.server.config;

import dev.warren.dns.server.store.Eviction;
import dev.warren.dns.server.store.MemoryPacketStore;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.file.FilePacketStore;
import dev.warren.dns.server.store.postgres.PostgresOptions;
import dev.warren.dns.server.store.postgres.PostgresPacketStore;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where packets are kept, and for how long. Immutable.
 *
 * @param eviction the age of a packet, by its author's clock, at which it is removed
 * @param interval the pause between removals
 */
public record StoreSettings(Backend backend, Duration eviction, Duration interval) {
  /** The kinds of stores. */
  public sealed interface Backend {
    /**
     * Opens the store; blocks.
     *
     * @throws StoreException if it cannot be used; the message says why
     */
    PacketStore open() throws StoreException;
  }

  /** In memory: nothing outlives the process. */
  public record Memory() implements Backend {
    @Override
    public PacketStore open() {
      return new MemoryPacketStore();
    }

    @Override
    public String toString() {
      return "memory";
    }
  }

  /** In a folder of the local disk, for one process. */
  public record Folder(Path path) implements Backend {
    @Override
    public PacketStore open() throws StoreException {
      return FilePacketStore.open(path);
    }

    @Override
    public String toString() {
      return "file " + path;
    }
  }

  /** In a PostgreSQL database, for several replicas behind one name. */
  public record Database(PostgresOptions options) implements Backend {
    @Override
    public PacketStore open() throws StoreException {
      return PostgresPacketStore.open(options);
    }

    /** Without the password. */
    @Override
    public String toString() {
      return "postgresql " + options;
    }
  }

  /** Keeps what has any date: those who try things out have packets of long ago. */
  static StoreSettings forDevelopment(Backend backend) {
    return new StoreSettings(backend, DurationText.LONGEST, Eviction.DEFAULT_INTERVAL);
  }
}
