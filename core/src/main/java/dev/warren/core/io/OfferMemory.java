package dev.warren.core.io;

import dev.warren.base.NodeId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Peers that refused the offer of a second form of identity and took X.509, so that the next dial
 * begins with that. The least recently dialled is forgotten first. Any thread.
 */
final class OfferMemory {
  /** About 200 bytes each. */
  private static final int LIMIT = 4096;

  private final Set<NodeId> x509Only =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<NodeId, Boolean> eldest) {
                  return size() > LIMIT;
                }
              }));

  boolean x509Only(NodeId peer) {
    return x509Only.contains(peer);
  }

  /** A second attempt has worked. */
  void worked(NodeId peer, boolean withX509Only) {
    if (withX509Only) {
      x509Only.add(peer);
    } else {
      x509Only.remove(peer);
    }
  }
}
