package dev.warren.relay.client.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ids that were read from frames before: checking a curve point for every datagram would cost more
 * than the datagram (relay-protocol section B9). Bounded, least recently used forgotten. Not
 * thread-safe.
 */
public final class NodeIdCache {
  private final Map<Key, NodeId> ids;
  private @Nullable Key lastKey;
  private @Nullable NodeId last;

  /** The 32 bytes as a key that costs no array. */
  private record Key(long a, long b, long c, long d) {}

  public NodeIdCache(int limit) {
    ids =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, NodeId> eldest) {
            return size() > limit;
          }
        };
  }

  /** The id at an index, or null if these bytes are none. */
  public @Nullable NodeId get(ByteBuf buffer, int at) {
    Key key =
        new Key(
            buffer.getLong(at),
            buffer.getLong(at + 8),
            buffer.getLong(at + 16),
            buffer.getLong(at + 24));
    if (key.equals(lastKey)) {
      return last;
    }
    NodeId id = ids.get(key);
    if (id == null) {
      byte[] bytes = new byte[RelayFrames.ID];
      buffer.getBytes(at, bytes);
      try {
        id = NodeId.ofBytes(bytes);
      } catch (KeyParseException e) {
        return null;
      }
      ids.put(key, id);
    }
    lastKey = key;
    last = id;
    return id;
  }
}
