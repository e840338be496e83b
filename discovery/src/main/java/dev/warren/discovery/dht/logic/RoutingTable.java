package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that have answered us, in buckets by how many leading bits their ids have in common
 * with ours (BEP 5). A node that works is never pushed out by a new one, so that whoever floods us
 * with nodes takes only what is free; one address of the world holds few places. Not thread-safe.
 */
public final class RoutingTable {
  /** Nodes of one bucket, as in Rust mainline; BEP 5 has 8. */
  public static final int K = 20;

  /** Nodes of one address: some live behind one NAT. Our choice; none in private networks. */
  static final int LIMIT_OF_ADDRESS = 4;

  /** A node from which nothing came for so long is asked again (BEP 5). */
  static final long QUESTIONABLE = 900_000_000_000L;

  /** Queries in a row without an answer after which a node is forgotten. Our choice. */
  static final int MAX_FAILURES = 2;

  private static final class Entry {
    final DhtContact contact;
    long heardAt;
    int failures;

    Entry(DhtContact contact, long now) {
      this.contact = contact;
      this.heardAt = now;
    }
  }

  private static final class Bucket {
    final List<Entry> entries = new ArrayList<>();
    long changedAt;
  }

  private final DhtId self;
  private final Bucket[] buckets = new Bucket[DhtId.BITS];
  private final Map<InetSocketAddress, Entry> byAddress = new HashMap<>();

  public RoutingTable(DhtId self) {
    this.self = self;
  }

  /** A node has answered a query of ours. */
  public void onAnswer(DhtContact contact, long now) {
    if (contact.id().equals(self)) {
      return;
    }
    Entry old = byAddress.get(contact.address());
    if (old != null && old.contact.equals(contact)) {
      old.heardAt = now;
      old.failures = 0;
      return;
    }
    if (old != null) {
      remove(old);
    }
    if (isWanted(contact)) {
      Bucket bucket = bucket(contact.id());
      Entry entry = new Entry(contact, now);
      bucket.entries.add(entry);
      bucket.changedAt = now;
      byAddress.put(contact.address(), entry);
    }
  }

  /** Whether there is a place for {@code contact}, which is not there. */
  public boolean isWanted(DhtContact contact) {
    if (contact.id().equals(self) || byAddress.containsKey(contact.address())) {
      return false;
    }
    List<Entry> entries = bucket(contact.id()).entries;
    return entries.size() < K
        && entries.stream().noneMatch(e -> e.contact.id().equals(contact.id()))
        && !isCrowded(contact.address());
  }

  private boolean isCrowded(InetSocketAddress address) {
    return Scope.of(address.getAddress()) == Scope.GLOBAL
        && byAddress.keySet().stream()
                .filter(a -> a.getAddress().equals(address.getAddress()))
                .count()
            >= LIMIT_OF_ADDRESS;
  }

  /** A node did not answer a query of ours. */
  public void onFailure(InetSocketAddress address) {
    Entry entry = byAddress.get(address);
    if (entry != null && ++entry.failures >= MAX_FAILURES) {
      remove(entry);
    }
  }

  private void remove(Entry entry) {
    byAddress.remove(entry.contact.address());
    bucket(entry.contact.id()).entries.remove(entry);
  }

  private Bucket bucket(DhtId id) {
    int prefix = self.commonPrefix(id);
    Bucket bucket = buckets[prefix];
    if (bucket == null) {
      bucket = new Bucket();
      buckets[prefix] = bucket;
    }
    return bucket;
  }

  /** At most {@code n} nodes, the closest to {@code target} first; of one family of addresses. */
  public List<DhtContact> closest(DhtId target, int n, boolean ipv6) {
    int length = ipv6 ? 16 : 4;
    return byAddress.values().stream()
        .filter(e -> e.contact.address().getAddress().getAddress().length == length)
        .map(e -> e.contact)
        .sorted((a, b) -> target.compareDistance(a.id(), b.id()))
        .limit(n)
        .toList();
  }

  /** The node that has been silent for longest, if that is too long. */
  public @Nullable DhtContact questionable(long now) {
    Entry longest = null;
    for (Entry entry : byAddress.values()) {
      if (now - entry.heardAt >= QUESTIONABLE
          && (longest == null || entry.heardAt - longest.heardAt < 0)) {
        longest = entry;
      }
    }
    return longest == null ? null : longest.contact;
  }

  /**
   * An id in a bucket to which nothing was added for so long that more should be looked for there;
   * the bucket then waits as long again.
   */
  public @Nullable DhtId stale(long now, RandomGenerator random) {
    for (int prefix = 0; prefix < buckets.length; prefix++) {
      Bucket bucket = buckets[prefix];
      if (bucket != null
          && !bucket.entries.isEmpty()
          && bucket.entries.size() < K
          && now - bucket.changedAt >= QUESTIONABLE) {
        bucket.changedAt = now;
        return self.randomAt(prefix, random);
      }
    }
    return null;
  }

  public int size() {
    return byAddress.size();
  }
}
