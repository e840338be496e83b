package dev.warren.discovery;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds what the application has put in: for addresses that it knows from elsewhere. Publishes
 * nothing.
 *
 * <p>It is its own factory, so that {@code builder.discovery(memory)} is all that is needed, and
 * may serve several endpoints; closing one of them leaves it as it is. Any thread.
 */
public final class MemoryDiscovery implements Discovery, Discovery.Factory {
  /** The provenance of what it finds. */
  public static final String PROVENANCE = "memory";

  /** Nodes that it keeps; what was set longest ago goes first. */
  public static final int MAX_NODES = 65_536;

  /** Addresses that it keeps of one node: {@link #add} drops the oldest. */
  public static final int MAX_ADDRESSES = Lookup.MAX_ADDRESSES;

  private record Entry(EndpointData data, Instant updated) {}

  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private final Map<NodeId, Entry> nodes = new LinkedHashMap<>();

  /** This one, for every endpoint. */
  @Override
  public Discovery create(DiscoveryContext context) {
    return this;
  }

  @Override
  public String name() {
    return PROVENANCE;
  }

  /** Replaces what is known of a node. Returns what was known before. */
  public Optional<EndpointData> set(NodeId id, EndpointData data) {
    lock.lock();
    try {
      Entry before = nodes.remove(id);
      put(id, data);
      return Optional.ofNullable(before).map(Entry::data);
    } finally {
      lock.unlock();
    }
  }

  /** Replaces what is known of {@code addr}'s node by its addresses. */
  public Optional<EndpointData> set(NodeAddr addr) {
    return set(addr.id(), EndpointData.of(addr));
  }

  /**
   * Adds addresses, the new ones first, to what is known of a node; user data is replaced, also by
   * none (discovery section 9).
   */
  public void add(NodeId id, EndpointData data) {
    lock.lock();
    try {
      Entry before = nodes.remove(id);
      List<TransportAddr> all = new ArrayList<>(data.addrs());
      if (before != null) {
        all.addAll(before.data.addrs());
      }
      put(id, new EndpointData(all, data.userData()));
    } finally {
      lock.unlock();
    }
  }

  /** Adds {@code addr}'s addresses to what is known of its node. */
  public void add(NodeAddr addr) {
    add(addr.id(), EndpointData.of(addr));
  }

  private void put(NodeId id, EndpointData data) {
    EndpointData kept =
        data.addrs().size() <= MAX_ADDRESSES
            ? data
            : new EndpointData(data.addrs().subList(0, MAX_ADDRESSES), data.userData());
    nodes.put(id, new Entry(kept, Instant.now()));
    if (nodes.size() > MAX_NODES) {
      nodes.remove(nodes.keySet().iterator().next());
    }
  }

  public Optional<EndpointData> get(NodeId id) {
    lock.lock();
    try {
      return Optional.ofNullable(nodes.get(id)).map(Entry::data);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a node. Returns what was known. */
  public Optional<EndpointData> remove(NodeId id) {
    lock.lock();
    try {
      return Optional.ofNullable(nodes.remove(id)).map(Entry::data);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    Entry known;
    lock.lock();
    try {
      known = nodes.get(id);
    } finally {
      lock.unlock();
    }
    if (known != null) {
      sink.found(new DiscoveryItem(id, known.data, PROVENANCE, Optional.of(known.updated)));
    }
    sink.done();
    return () -> {};
  }

  /** Does nothing: what was put in belongs to the application, and may serve other endpoints. */
  @Override
  public void close() {}
}
