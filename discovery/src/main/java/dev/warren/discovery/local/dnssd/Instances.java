package dev.warren.discovery.local.dnssd;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.wire.Announcement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which instance name stands for which node. Names are anybody's: two may name one node, and one
 * may name another node than before. Not thread-safe.
 */
final class Instances {
  /** As many as nodes are remembered. */
  static final int MAX = 1024;

  private final Map<String, Announcement> byName = new LinkedHashMap<>();

  /**
   * A name stands for a node.
   *
   * @return the node that it stood for before, if no name does any more
   */
  Optional<NodeId> put(String name, Announcement said) {
    if (byName.size() >= MAX && !byName.containsKey(name)) {
      return Optional.empty();
    }
    return lost(byName.put(name, said));
  }

  /** A name is gone. The node that it stood for, if no other name does. */
  Optional<NodeId> remove(String name) {
    return lost(byName.remove(name));
  }

  private Optional<NodeId> lost(@Nullable Announcement before) {
    return Optional.ofNullable(before)
        .map(Announcement::id)
        .filter(id -> byName.values().stream().noneMatch(other -> other.id().equals(id)));
  }

  List<Announcement> all() {
    return List.copyOf(byName.values());
  }
}
