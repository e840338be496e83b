package dev.warren.dns.server.store.postgres;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.store.Upsert;
import dev.warren.dns.server.store.queue.PacketWriter;
import dev.warren.dns.server.store.queue.Put;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes groups of packets, each with one statement in one transaction. */
final class PostgresWriter implements PacketWriter {
  private final Database database;
  private final String sender;
  private final StoreCounters counters;
  private final StoreListener listener;

  PostgresWriter(Database database, String sender, StoreCounters counters, StoreListener listener) {
    this.database = database;
    this.sender = sender;
    this.counters = counters;
    this.listener = listener;
  }

  @Override
  public void write(List<Put> puts) throws StoreException {
    Map<NodeId, SignedPacket> newest = new LinkedHashMap<>();
    for (Put put : puts) {
      newest.merge(put.packet().nodeId(), put.packet(), PostgresWriter::moreRecent);
    }
    PacketRows.Changed changed =
        database.run(connection -> PacketRows.upsert(connection, sender, newest.values()));
    changed.inserted().forEach(listener::changed);
    changed.updated().forEach(listener::changed);
    Map<NodeId, SignedPacket> soFar = new LinkedHashMap<>();
    for (Put put : puts) {
      complete(put, changed, soFar);
    }
  }

  private static SignedPacket moreRecent(SignedPacket old, SignedPacket packet) {
    return old.isMoreRecentThan(packet) ? old : packet;
  }

  /**
   * Only the newest of each key went to the database. One that came before it counts as replaced by
   * it, and one that came after it as too old.
   */
  private void complete(Put put, PacketRows.Changed changed, Map<NodeId, SignedPacket> soFar) {
    NodeId id = put.packet().nodeId();
    SignedPacket before = soFar.get(id);
    boolean inserted = changed.inserted().contains(id);
    boolean older = before != null && before.isMoreRecentThan(put.packet());
    if (older || !inserted && !changed.updated().contains(id)) {
      counters.countIgnored();
      put.done().complete(Upsert.NO_OP);
      return;
    }
    soFar.put(id, put.packet());
    if (inserted && before == null) {
      counters.countInserted();
    } else {
      counters.countUpdated();
    }
    put.done().complete(Upsert.UPDATED);
  }

  @Override
  public int evict(long before, int most) throws StoreException {
    List<NodeId> evicted =
        database.run(connection -> PacketRows.evict(connection, sender, before, most));
    counters.countExpired(evicted.size());
    evicted.forEach(listener::changed);
    return evicted.size();
  }

  @Override
  public void tend() {
    // The database tidies up by itself.
  }

  @Override
  public void close() {
    database.close();
  }
}
