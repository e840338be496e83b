package dev.warren.relay.server.logic;

import dev.warren.base.NodeId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts different ids, each once a day. Remembers at most {@value #MOST} of a day; those beyond
 * are not counted. Any thread; times are nanoseconds of one clock.
 */
public final class UniqueIds {
  /** About 10 MB. */
  static final int MOST = 100_000;

  private static final long DAY = 86_400_000_000_000L;

  private final ReentrantLock lock = new ReentrantLock();
  private final Set<NodeId> today = new HashSet<>();
  private long since;

  public UniqueIds(long now) {
    since = now;
  }

  /** Whether this id is new today. */
  public boolean isNew(NodeId id, long now) {
    lock.lock();
    try {
      if (now - since >= DAY) {
        today.clear();
        since = now;
      }
      return today.size() < MOST && today.add(id);
    } finally {
      lock.unlock();
    }
  }
}
