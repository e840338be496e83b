package dev.warren.dns.server.store;

import dev.warren.base.NodeId;

/**
 * Hears what changes in a {@link PacketStore}, to drop it from a cache. Called on a thread of the
 * store, so it must be quick and must not throw.
 *
 * <p>Who fills a cache from {@link PacketStore#get} races with this: an answer may be on its way
 * when the change is told. Note before the call how often the key's part of the cache was dropped,
 * and put nothing into the cache if that has changed when the answer comes.
 */
public interface StoreListener {
  /** The packet of {@code id} was replaced or removed, here or by another replica. */
  void changed(NodeId id);

  /** Any packet may have changed: the store missed what other replicas told. */
  void allChanged();
}
