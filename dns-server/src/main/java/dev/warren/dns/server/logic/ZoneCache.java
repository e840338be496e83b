package dev.warren.dns.server.logic;

import dev.warren.dns.server.wire.KeyLabel;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Zones in memory, bounded by what they weigh: the one that was not asked for the longest goes
 * first. Cut into parts with a lock each, which is held for some dozen nanoseconds.
 *
 * <p>Whoever fills it reads a zone elsewhere first, and it may change meanwhile. So each part
 * counts how often something was dropped from it: {@link #put} with an older count puts nothing.
 * Any thread; times are those of a monotonic clock in nanoseconds.
 */
public final class ZoneCache {
  /** More than there are event loops. */
  private static final int PARTS = 16;

  private static final long NEVER = Long.MAX_VALUE;

  private final Part[] parts = new Part[PARTS];
  private final long most;

  /**
   * @param bytes what it may weigh in all; 0 keeps nothing
   */
  public ZoneCache(long bytes) {
    most = bytes / PARTS;
    for (int i = 0; i < PARTS; i++) {
      parts[i] = new Part();
    }
  }

  private record Entry(KeyZone zone, long until) {}

  private Part part(KeyLabel key) {
    return parts[key.hashCode() & PARTS - 1];
  }

  /** The zone of a key; null if it is not here, or no longer. */
  public @Nullable KeyZone get(KeyLabel key, long now) {
    return part(key).get(key, now);
  }

  /** To be read before the zone is looked for elsewhere. */
  public long version(KeyLabel key) {
    return part(key).version();
  }

  /** Keeps a zone until it is dropped, unless something was since {@code version}. */
  public void put(KeyLabel key, KeyZone zone, long version) {
    part(key).put(key, new Entry(zone, NEVER), version);
  }

  /** The same for a limited time. */
  public void put(KeyLabel key, KeyZone zone, long version, long now, long nanos) {
    long until = now + nanos;
    part(key).put(key, new Entry(zone, until == NEVER ? until - 1 : until), version);
  }

  public void drop(KeyLabel key) {
    part(key).drop(key);
  }

  public void dropAll() {
    for (Part part : parts) {
      part.dropAll();
    }
  }

  public int zones() {
    int zones = 0;
    for (Part part : parts) {
      zones += part.size();
    }
    return zones;
  }

  /** What all zones weigh together. */
  public long weight() {
    long weight = 0;
    for (Part part : parts) {
      weight += part.weight();
    }
    return weight;
  }

  private final class Part {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<KeyLabel, Entry> zones = new LinkedHashMap<>(16, 0.75f, true);
    private long weight;
    private long version;

    @Nullable KeyZone get(KeyLabel key, long now) {
      lock.lock();
      try {
        Entry entry = zones.get(key);
        if (entry != null && entry.until != NEVER && now - entry.until >= 0) {
          remove(key);
          return null;
        }
        return entry == null ? null : entry.zone;
      } finally {
        lock.unlock();
      }
    }

    long version() {
      lock.lock();
      try {
        return version;
      } finally {
        lock.unlock();
      }
    }

    void put(KeyLabel key, Entry entry, long expected) {
      lock.lock();
      try {
        if (expected != version || entry.zone.weight() > most) {
          return;
        }
        remove(key);
        zones.put(key, entry);
        weight += entry.zone.weight();
        for (Iterator<Entry> oldest = zones.values().iterator(); weight > most; ) {
          weight -= oldest.next().zone.weight();
          oldest.remove();
        }
      } finally {
        lock.unlock();
      }
    }

    private void remove(KeyLabel key) {
      Entry removed = zones.remove(key);
      if (removed != null) {
        weight -= removed.zone.weight();
      }
    }

    void drop(KeyLabel key) {
      lock.lock();
      try {
        version++;
        remove(key);
      } finally {
        lock.unlock();
      }
    }

    void dropAll() {
      lock.lock();
      try {
        version++;
        zones.clear();
        weight = 0;
      } finally {
        lock.unlock();
      }
    }

    int size() {
      lock.lock();
      try {
        return zones.size();
      } finally {
        lock.unlock();
      }
    }

    long weight() {
      lock.lock();
      try {
        return weight;
      } finally {
        lock.unlock();
      }
    }
  }
}
