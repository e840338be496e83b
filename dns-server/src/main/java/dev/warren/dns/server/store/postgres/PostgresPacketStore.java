package dev.warren.dns.server.store.postgres;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.store.Upsert;
import dev.warren.dns.server.store.queue.Listeners;
import dev.warren.dns.server.store.queue.Readers;
import dev.warren.dns.server.store.queue.WriteQueue;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Keeps packets in PostgreSQL, for any number of replicas of the server.
 *
 * <p>A packet is acknowledged when the database has committed it, so it is as durable as the
 * database says it is. Which of two packets stays is decided by the database in one statement, so
 * replicas cannot overwrite a newer packet with an older one. What one replica changes the others'
 * listeners hear within milliseconds ({@code LISTEN}); after a connection was lost they are told
 * that all may have changed.
 *
 * <p>While the database is away, everything fails with {@link Reason#UNAVAILABLE}, at once but for
 * the first attempt; it is tried again by itself. {@code LISTEN} needs a connection of its own, so
 * a pooler between must work by session, not by transaction.
 */
public final class PostgresPacketStore implements PacketStore {
  private final PostgresOptions options;
  private final StoreCounters counters = new StoreCounters();
  private final Listeners listeners = new Listeners();
  private final WriteQueue writes;
  private final Readers readers;
  private final Queue<Database> idle = new ConcurrentLinkedQueue<>();
  private final ChangeFeed changes;

  private PostgresPacketStore(PostgresOptions options, Database database) {
    String self = UUID.randomUUID().toString();
    this.options = options;
    this.writes = new WriteQueue(new PostgresWriter(database, self, counters, listeners), counters);
    this.readers = new Readers(options.readers(), counters);
    for (int i = 0; i < options.readers(); i++) {
      idle.add(new Database(options));
    }
    this.changes = new ChangeFeed(new Database(options), self, listeners);
  }

  /**
   * Connects, and creates the tables if they are not there: the user must be allowed to, or they
   * must be there. Blocks.
   *
   * @throws StoreException if the database cannot be reached or has tables of a newer version
   */
  public static PostgresPacketStore open(PostgresOptions options) throws StoreException {
    Database database = new Database(options);
    try {
      Schema.migrate(database);
      return new PostgresPacketStore(options, database);
    } catch (StoreException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  @Override
  public CompletionStage<Upsert> upsert(SignedPacket packet) {
    return writes.put(packet);
  }

  @Override
  public CompletionStage<Optional<SignedPacket>> get(NodeId id) {
    return readers.submit(() -> read(id));
  }

  private Optional<SignedPacket> read(NodeId id) throws StoreException {
    // As many as there are threads, so there is one.
    Database database = idle.remove();
    byte[] packet;
    try {
      packet = database.run(connection -> PacketRows.get(connection, id));
    } finally {
      idle.add(database);
    }
    if (packet == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(SignedPacket.parse(packet));
    } catch (SignedPacketException e) {
      throw new StoreException(
          Reason.DAMAGED,
          "the packet of " + id.toZ32() + " in " + options + " is none: " + e.getMessage(),
          e);
    }
  }

  @Override
  public CompletionStage<Integer> evict(long before, int most) {
    return writes.evict(before, most);
  }

  @Override
  public void listen(StoreListener listener) {
    listeners.add(listener);
  }

  @Override
  public StoreCounters counters() {
    return counters;
  }

  /** Whether changes of other replicas are heard just now. */
  public boolean isListening() {
    return changes.isListening();
  }

  @Override
  public void close() {
    changes.close();
    readers.close();
    writes.close();
    idle.forEach(Database::close);
  }
}
