package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected. Of several connections with one id the newest is active; the others are kept on
 * a stack, may send, and are promoted when it ends (relay-protocol section A8.2). Any thread.
 */
final class Clients {
  private final Map<NodeId, Entry> entries = new ConcurrentHashMap<>();

  private static final class Entry {
    final ArrayDeque<RelayClientConnection> stack = new ArrayDeque<>();
    final Set<NodeId> sentTo = ConcurrentHashMap.newKeySet();
    final AtomicReference<@Nullable RelayClientConnection> active = new AtomicReference<>();
  }

  /** Ids that a departure is told to; beyond it peers find out by themselves. */
  private static final int SENT_TO_LIMIT = 4096;

  @Nullable RelayClientConnection active(NodeId id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.active.get();
  }

  int size() {
    return entries.size();
  }

  void add(NodeId id, RelayClientConnection connection) {
    RelayClientConnection[] replaced = new RelayClientConnection[1];
    entries.compute(
        id,
        (i, present) -> {
          Entry entry = present == null ? new Entry() : present;
          replaced[0] = entry.stack.peekFirst();
          entry.stack.addFirst(connection);
          entry.active.set(connection);
          return entry;
        });
    if (replaced[0] != null) {
      replaced[0].tellReplaced(true);
    }
  }

  void remove(NodeId id, RelayClientConnection connection) {
    RelayClientConnection[] promoted = new RelayClientConnection[1];
    Entry[] gone = new Entry[1];
    entries.computeIfPresent(
        id,
        (i, entry) -> {
          boolean wasActive = entry.stack.peekFirst() == connection;
          entry.stack.remove(connection);
          if (entry.stack.isEmpty()) {
            gone[0] = entry;
            return null;
          }
          if (wasActive) {
            promoted[0] = entry.stack.peekFirst();
            entry.active.set(promoted[0]);
          }
          return entry;
        });
    if (promoted[0] != null) {
      promoted[0].tellReplaced(false);
    }
    if (gone[0] != null) {
      for (NodeId peer : gone[0].sentTo) {
        RelayClientConnection reached = active(peer);
        if (reached != null) {
          reached.tellGone(id);
        }
      }
    }
  }

  void sent(NodeId from, NodeId to) {
    Entry entry = entries.get(from);
    if (entry != null && entry.sentTo.size() < SENT_TO_LIMIT) {
      entry.sentTo.add(to);
    }
  }
}
