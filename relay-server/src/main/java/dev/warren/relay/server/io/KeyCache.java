package dev.warren.relay.server.io;

import dev.warren.base.wire.Ed25519Points;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which ids that nobody is connected with are curve points. Looking costs more than forwarding a
 * hundred datagrams, so what was found is remembered for all connections (relay-protocol section
 * B9), each id in the one place that its hash gives it, and looking is rationed: whoever makes up
 * ids must not keep the event loop from everybody else. Any thread.
 */
final class KeyCache {
  /** Looks per second, at about 0.1 ms each: a tenth of a core. Beyond it an id is believed. */
  private static final int LOOKS_PER_SECOND = 1000;

  private static final long SECOND = 1_000_000_000L;

  private final int slots;
  private final AtomicLong window = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong looks = new AtomicLong();
  private final ReentrantLock making = new ReentrantLock();
  private volatile @Nullable AtomicReferenceArray<IdKey> known;

  /** Remembers at most so many ids; 0 for none. */
  KeyCache(int limit) {
    slots = Integer.highestOneBit(Math.max(0, limit));
  }

  /** Whether these bytes are an id, as far as there is time to say; {@code now} in nanoseconds. */
  boolean isId(IdKey key, long now) {
    AtomicReferenceArray<IdKey> table = table();
    int slot = slots == 0 ? 0 : spread(key.hashCode()) & slots - 1;
    if (table != null && key.equals(table.get(slot))) {
      return true;
    }
    if (!mayLook(now)) {
      return true;
    }
    boolean valid = Ed25519Points.isOnCurve(key.toBytes());
    if (valid && table != null) {
      table.set(slot, key.copy());
    }
    return valid;
  }

  private static int spread(int hash) {
    return hash ^ hash >>> 16;
  }

  private boolean mayLook(long now) {
    long second = Math.floorDiv(now, SECOND);
    if (window.getAndSet(second) != second) {
      looks.set(0);
    }
    return looks.incrementAndGet() <= LOOKS_PER_SECOND;
  }

  /** Made when it is first needed: most relays are never sent anything for the unknown. */
  private @Nullable AtomicReferenceArray<IdKey> table() {
    AtomicReferenceArray<IdKey> table = known;
    if (table == null && slots > 0) {
      making.lock();
      try {
        table = known;
        if (table == null) {
          table = new AtomicReferenceArray<>(slots);
          known = table;
        }
      } finally {
        making.unlock();
      }
    }
    return table;
  }
}
