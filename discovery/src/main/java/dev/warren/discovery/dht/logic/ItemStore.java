package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.MutableItem;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The items that a node keeps for others (BEP 44). An item is never replaced by an older one, nor
 * by one whose signature is bad; when there is no room, what lies farthest from the node goes, for
 * something closer only. Bounded in all and for each address. Not thread-safe.
 */
public final class ItemStore {
  /** Items of one node by default, some 20 MiB if all are as large as they may be. Our choice. */
  public static final int LIMIT = 10_000;

  /**
   * Items that one address has brought: publishers behind one NAT. Our choice. Loopback is exempt,
   * as {@link AddressLimits} says.
   */
  static final int LIMIT_OF_ADDRESS = 128;

  /** Items are kept two hours after their last put; publishers repeat hourly (BEP 44). */
  static final long LIFE = 7_200_000_000_000L;

  /** What became of a put. */
  public enum Verdict {
    STORED,
    BAD_SIGNATURE,
    CAS_MISMATCH,
    SEQ_TOO_LOW,
    NO_ROOM
  }

  private record Kept(MutableItem item, InetAddress by, long at) {}

  private final int limit;

  /** The closest first. */
  private final TreeMap<DhtId, Kept> byDistance;

  /** The one that was put longest ago first. */
  private final Map<DhtId, Long> byAge = new LinkedHashMap<>();

  private final Map<InetAddress, Integer> ofAddress = new HashMap<>();

  public ItemStore(DhtId self, int limit) {
    this.limit = limit;
    this.byDistance = new TreeMap<>(self::compareDistance);
  }

  /** The item at {@code target}. */
  public @Nullable MutableItem get(DhtId target, long now) {
    Kept kept = byDistance.get(target);
    return kept == null || now - kept.at > LIFE ? null : kept.item;
  }

  /**
   * Keeps an item.
   *
   * @param cas only if the item there, if there is one, has this sequence number
   */
  public Verdict put(MutableItem item, @Nullable Long cas, InetAddress from, long now) {
    expire(now);
    DhtId target = item.target();
    Kept old = byDistance.get(target);
    if (old != null) {
      return replace(target, old, item, cas, now);
    }
    if (!item.verify()) {
      return Verdict.BAD_SIGNATURE;
    }
    boolean limited = !from.isLoopbackAddress();
    if (limited && ofAddress.getOrDefault(from, 0) >= LIMIT_OF_ADDRESS || !makeRoom(target)) {
      return Verdict.NO_ROOM;
    }
    ofAddress.merge(from, 1, Integer::sum);
    keep(target, new Kept(item, from, now));
    return Verdict.STORED;
  }

  private Verdict replace(DhtId target, Kept old, MutableItem item, @Nullable Long cas, long now) {
    if (cas != null && cas != old.item.seq()) {
      return Verdict.CAS_MISMATCH;
    }
    boolean same = item.equals(old.item);
    if (!same && !item.isNewerThan(old.item)) {
      return Verdict.SEQ_TOO_LOW;
    }
    if (!same && !item.verify()) {
      return Verdict.BAD_SIGNATURE;
    }
    // It stays on the account of whoever brought the first.
    keep(target, new Kept(item, old.by, now));
    return Verdict.STORED;
  }

  private void keep(DhtId target, Kept kept) {
    byDistance.put(target, kept);
    byAge.remove(target);
    byAge.put(target, kept.at);
  }

  private boolean makeRoom(DhtId target) {
    if (byDistance.size() < limit) {
      return true;
    }
    if (limit == 0 || byDistance.comparator().compare(target, byDistance.lastKey()) >= 0) {
      return false;
    }
    drop(byDistance.lastKey());
    return true;
  }

  private void drop(DhtId target) {
    Kept kept = byDistance.remove(target);
    byAge.remove(target);
    ofAddress.computeIfPresent(kept.by, (a, n) -> n == 1 ? null : n - 1);
  }

  /** Forgets what nobody has repeated. */
  public void expire(long now) {
    while (!byAge.isEmpty()) {
      Iterator<Map.Entry<DhtId, Long>> oldest = byAge.entrySet().iterator();
      Map.Entry<DhtId, Long> entry = oldest.next();
      if (now - entry.getValue() <= LIFE) {
        return;
      }
      drop(entry.getKey());
    }
  }

  public int size() {
    return byDistance.size();
  }
}
