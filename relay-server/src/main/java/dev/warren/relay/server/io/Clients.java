package dev.warren.relay.server.io;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected, in whatever dialect. Of several connections with one id the newest is active;
 * the others are kept on a stack, may send, and are promoted when it ends (relay-protocol section
 * A8.2). Any thread.
 */
final class Clients {
  private final Map<IdKey, Entry> entries = new ConcurrentHashMap<>();
  private final RelayCounters counters;

  Clients(RelayCounters counters) {
    this.counters = counters;
  }

  /** The connections of one id. Changed in the map's own operations only. */
  static final class Entry {
    /** For the first word of each id: one for all, since it is held for a moment, once an id. */
    private static final ReentrantLock FIRST = new ReentrantLock();

    /** The oldest first, the active one last; never changed in place. */
    private volatile RelayClientConnection[] stack = {};

    private volatile @Nullable Set<IdKey> sentTo;

    /** Who gets what is sent to this id, or null if nobody is left. */
    @Nullable RelayClientConnection active() {
      RelayClientConnection[] now = stack;
      return now.length == 0 ? null : now[now.length - 1];
    }

    /** Remembers that this id has sent to another, which is to hear when it leaves. */
    private void sentTo(IdKey to, AtomicInteger all) {
      Set<IdKey> known = sentTo;
      if (known == null) {
        FIRST.lock();
        try {
          known = sentTo;
          if (known == null) {
            known = ConcurrentHashMap.newKeySet(4);
            sentTo = known;
          }
        } finally {
          FIRST.unlock();
        }
      }
      if (known.size() < SENT_TO_LIMIT
          && !known.contains(to)
          && all.get() < SENT_TO_IN_ALL
          && known.add(to.copy())) {
        all.incrementAndGet();
      }
    }
  }

  /** Ids that a departure is told to; beyond it peers find out by themselves. */
  private static final int SENT_TO_LIMIT = 4096;

  /** Of all ids together, at about 100 bytes: a few thousand clients could else remember 16 M. */
  static final int SENT_TO_IN_ALL = 1 << 19;

  private final AtomicInteger sentToInAll = new AtomicInteger();

  /** Remembers that an id has sent to another, which is to hear when it leaves. */
  void onSent(Entry from, IdKey to) {
    from.sentTo(to, sentToInAll);
  }

  /** What is remembered of all ids; for tests of bounds. */
  int remembered() {
    return sentToInAll.get();
  }

  @Nullable Entry entry(IdKey id) {
    return entries.get(id);
  }

  private @Nullable RelayClientConnection active(IdKey id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.active();
  }

  /** Ids that are connected. */
  int size() {
    return entries.size();
  }

  /** The connections of an id, the active one last; none if it is not here. */
  RelayClientConnection[] of(IdKey id) {
    Entry entry = entries.get(id);
    return entry == null ? new RelayClientConnection[0] : entry.stack.clone();
  }

  /** Every connection. */
  void forEach(Consumer<RelayClientConnection> action) {
    entries.values().forEach(e -> Arrays.asList(e.stack).forEach(action));
  }

  /** The new connection is active from here on; the one before is told. */
  Entry add(IdKey id, RelayClientConnection connection) {
    RelayClientConnection[] replaced = new RelayClientConnection[1];
    Entry entry =
        entries.compute(
            id,
            (i, present) -> {
              Entry e = present == null ? new Entry() : present;
              replaced[0] = e.active();
              RelayClientConnection[] more = Arrays.copyOf(e.stack, e.stack.length + 1);
              more[more.length - 1] = connection;
              e.stack = more;
              return e;
            });
    if (replaced[0] != null) {
      counters.inactiveAdded.increment();
      replaced[0].tellReplaced(true);
    }
    return entry;
  }

  void remove(IdKey id, RelayClientConnection connection) {
    RelayClientConnection[] promoted = new RelayClientConnection[1];
    Entry[] gone = new Entry[1];
    entries.computeIfPresent(
        id,
        (i, entry) -> {
          boolean wasActive = entry.active() == connection;
          entry.stack =
              Arrays.stream(entry.stack)
                  .filter(c -> c != connection)
                  .toArray(RelayClientConnection[]::new);
          if (entry.stack.length == 0) {
            gone[0] = entry;
            return null;
          }
          counters.inactiveRemoved.increment();
          if (wasActive) {
            promoted[0] = entry.active();
          }
          return entry;
        });
    if (promoted[0] != null) {
      promoted[0].tellReplaced(false);
    }
    if (gone[0] != null && gone[0].sentTo != null) {
      sentToInAll.addAndGet(-gone[0].sentTo.size());
      for (IdKey peer : gone[0].sentTo) {
        RelayClientConnection reached = active(peer);
        if (reached != null) {
          reached.tellGone(id.toBytes());
        }
      }
    }
  }
}
