package dev.warren.dns.server.store.file;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.store.Upsert;
import dev.warren.dns.server.store.queue.PacketWriter;
import dev.warren.dns.server.store.queue.Put;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes groups of packets: judged, made durable in the log, put into the table, acknowledged. */
final class FileWriter implements PacketWriter {
  private final Disk disk;
  private final StoreCounters counters;
  private final StoreListener listener;

  FileWriter(Disk disk, StoreCounters counters, StoreListener listener) {
    this.disk = disk;
    this.counters = counters;
    this.listener = listener;
  }

  private record Accepted(Put put, byte @Nullable [] old) {}

  @Override
  public void write(List<Put> puts) throws StoreException {
    List<Accepted> accepted = judge(puts);
    if (accepted.isEmpty()) {
      return;
    }
    disk.append(accepted.stream().map(a -> a.put().bytes()).toList());
    for (Accepted each : accepted) {
      disk.put(each.old(), each.put().bytes());
      if (each.old() == null) {
        counters.countInserted();
      } else {
        counters.countUpdated();
      }
      listener.changed(each.put().packet().nodeId());
      each.put().done().complete(Upsert.UPDATED);
    }
  }

  /** What is more recent than all before it; the rest is done with. */
  private List<Accepted> judge(List<Put> puts) throws StoreException {
    Map<NodeId, byte[]> ofThisGroup = new HashMap<>();
    List<Accepted> accepted = new ArrayList<>(puts.size());
    for (Put put : puts) {
      NodeId id = put.packet().nodeId();
      byte[] old = ofThisGroup.get(id);
      if (old == null) {
        old = disk.get(PacketBytes.key(put.bytes()));
      }
      if (old != null && PacketBytes.isMoreRecent(old, put.bytes())) {
        counters.countIgnored();
        put.done().complete(Upsert.NO_OP);
      } else {
        ofThisGroup.put(id, put.bytes());
        accepted.add(new Accepted(put, old));
      }
    }
    return accepted;
  }

  @Override
  public int evict(long before, int most) throws StoreException {
    PacketTable.Evicted evicted = disk.evict(before, most);
    counters.countExpired(evicted.keys().size());
    for (byte[] key : evicted.keys()) {
      try {
        listener.changed(NodeId.ofBytes(key));
      } catch (KeyParseException e) {
        throw new AssertionError("a verified packet has a key", e);
      }
    }
    return evicted.lookedAt();
  }

  @Override
  public void tend() {
    disk.tend();
  }

  @Override
  public void close() {
    disk.close();
  }
}
