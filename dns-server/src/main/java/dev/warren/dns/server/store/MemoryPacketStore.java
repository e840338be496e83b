package dev.warren.dns.server.store;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.StoreException.Reason;
import dev.warren.dns.server.store.queue.Listeners;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps packets in memory, for tests and {@code --dev}: nothing outlives the process. Every stage
 * is complete when it is returned.
 */
public final class MemoryPacketStore implements PacketStore {
  /** Most keys by default; with packets of the largest size about 150 MB. */
  public static final int DEFAULT_LIMIT = 100_000;

  private final int limit;
  private final StoreCounters counters = new StoreCounters();
  private final Listeners listeners = new Listeners();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<NodeId, SignedPacket> packets = new HashMap<>();
  private final TreeMap<Long, TreeSet<NodeId>> byTime = new TreeMap<>(Long::compareUnsigned);
  private boolean closed;

  /** Keeps at most {@link #DEFAULT_LIMIT} keys. */
  public MemoryPacketStore() {
    this(DEFAULT_LIMIT);
  }

  /**
   * @param limit most keys; further ones fail with {@link Reason#UNAVAILABLE}
   */
  public MemoryPacketStore(int limit) {
    this.limit = limit;
  }

  @Override
  public CompletionStage<Upsert> upsert(SignedPacket packet) {
    NodeId id = packet.nodeId();
    lock.lock();
    try {
      if (closed) {
        return closed();
      }
      SignedPacket old = packets.get(id);
      if (old != null && old.isMoreRecentThan(packet)) {
        counters.countIgnored();
        return CompletableFuture.completedFuture(Upsert.NO_OP);
      }
      if (old == null && packets.size() >= limit) {
        counters.countFailed(1);
        return CompletableFuture.failedFuture(full());
      }
      replace(old, packet);
    } finally {
      lock.unlock();
    }
    listeners.changed(id);
    return CompletableFuture.completedFuture(Upsert.UPDATED);
  }

  private StoreException full() {
    return new StoreException(
        Reason.UNAVAILABLE,
        "the store in memory is full at " + limit + " keys; use one on disk for more");
  }

  private static <T> CompletionStage<T> closed() {
    return CompletableFuture.failedFuture(
        new StoreException(Reason.CLOSED, "the packet store is closed"));
  }

  private void replace(@Nullable SignedPacket old, SignedPacket packet) {
    packets.put(packet.nodeId(), packet);
    if (old == null) {
      counters.countInserted();
    } else {
      counters.countUpdated();
      removeTime(old);
    }
    byTime.computeIfAbsent(packet.timestamp(), t -> new TreeSet<>()).add(packet.nodeId());
  }

  private void removeTime(SignedPacket packet) {
    TreeSet<NodeId> ids = byTime.get(packet.timestamp());
    ids.remove(packet.nodeId());
    if (ids.isEmpty()) {
      byTime.remove(packet.timestamp());
    }
  }

  @Override
  public CompletionStage<Optional<SignedPacket>> get(NodeId id) {
    lock.lock();
    try {
      return closed
          ? closed()
          : CompletableFuture.completedFuture(Optional.ofNullable(packets.get(id)));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Integer> evict(long before, int most) {
    List<NodeId> removed;
    lock.lock();
    try {
      if (closed) {
        return closed();
      }
      removed = oldest(before, most);
      for (NodeId id : removed) {
        removeTime(packets.remove(id));
      }
    } finally {
      lock.unlock();
    }
    counters.countExpired(removed.size());
    removed.forEach(listeners::changed);
    return CompletableFuture.completedFuture(removed.size());
  }

  private List<NodeId> oldest(long before, int most) {
    List<NodeId> found = new ArrayList<>();
    for (TreeSet<NodeId> ids : byTime.headMap(before).values()) {
      for (Iterator<NodeId> i = ids.iterator(); i.hasNext() && found.size() < most; ) {
        found.add(i.next());
      }
    }
    return found;
  }

  @Override
  public void listen(StoreListener listener) {
    listeners.add(listener);
  }

  @Override
  public StoreCounters counters() {
    return counters;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
