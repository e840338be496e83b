package dev.warren.discovery.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Refuses packets that are older than one seen before: whoever gives them has lost the newer, or
 * wants nodes to be looked for where they no longer are. Not thread-safe.
 */
public final class NewestSeen {
  /** Keys that are remembered, the last used: about 100 KiB. */
  static final int MAX = 1024;

  private final Map<NodeId, Long> newest =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Long> eldest) {
          return size() > MAX;
        }
      };

  /** Whether {@code packet} is as new as the newest seen of its key; it is that from now on. */
  public boolean accept(SignedPacket packet) {
    Long before = newest.get(packet.nodeId());
    if (before != null && Long.compareUnsigned(packet.timestamp(), before) < 0) {
      return false;
    }
    newest.put(packet.nodeId(), packet.timestamp());
    return true;
  }
}
