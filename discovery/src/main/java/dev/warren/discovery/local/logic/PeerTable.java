package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes that were heard, and where: one may be on several links, and speak both generations.
 * Not thread-safe.
 */
final class PeerTable {
  /** Far more than one link carries; beyond it new nodes are not remembered. */
  static final int MAX_PEERS = 1024;

  /**
   * How long a node that says nothing is believed while nobody asks. Nodes of Warren announce
   * themselves every minute, so that two announcements may be lost.
   */
  static final long QUIET_LIFETIME_NANOS = 150_000_000_000L;

  /** Unanswered rounds after which a node is gone, as in iroh: three of its turns. */
  private static final int ROUNDS = 3;

  /** Where and how a node was heard. */
  record Source(Link link, Generation generation) {}

  enum Change {
    /** It was not known. */
    NEW,
    /** It says something else than before. */
    CHANGED,
    SAME,
    /** There is no room. */
    REFUSED
  }

  private static final class Sighting {
    private Announcement said;
    private long at;
    private long round;

    Sighting(Announcement said, long at, long round) {
      this.said = said;
      this.at = at;
      this.round = round;
    }
  }

  /** What was heard from one source. */
  private static final class Turns {
    private int nodes;
    private long rounds;
  }

  private final Map<NodeId, Map<Source, Sighting>> peers = new LinkedHashMap<>();
  private final Map<Source, Turns> turns = new HashMap<>();
  private long refused;

  private Turns turns(Source source) {
    return turns.computeIfAbsent(source, s -> new Turns());
  }

  /** A node spoke. */
  Change heard(Source source, Announcement said, long nanos) {
    Map<Source, Sighting> sightings = peers.get(said.id());
    if (sightings == null) {
      if (peers.size() >= MAX_PEERS) {
        refused++;
        return Change.REFUSED;
      }
      sightings = new LinkedHashMap<>();
      peers.put(said.id(), sightings);
    }
    Optional<Announcement> before = merged(sightings);
    Turns turns = turns(source);
    if (sightings.put(source, new Sighting(said, nanos, turns.rounds)) == null) {
      turns.nodes++;
    }
    if (before.isEmpty()) {
      return Change.NEW;
    }
    return before.equals(merged(sightings)) ? Change.SAME : Change.CHANGED;
  }

  /** Somebody asked there, so whoever is there will speak soon. */
  void queried(Source source) {
    turns(source).rounds++;
  }

  /** What is known of a node: what it says on all links, by the newer generation if it has both. */
  Optional<Announcement> get(NodeId id) {
    Map<Source, Sighting> sightings = peers.get(id);
    return sightings == null ? Optional.empty() : merged(sightings);
  }

  /** When it was last heard; the node must be known. */
  long lastHeard(NodeId id) {
    return peers.get(id).values().stream().map(s -> s.at).reduce((a, b) -> a - b > 0 ? a : b).get();
  }

  private static Optional<Announcement> merged(Map<Source, Sighting> sightings) {
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    Announcement newest = null;
    long at = 0;
    boolean newer = sightings.keySet().stream().anyMatch(s -> s.generation() == Generation.IROH_1);
    for (Map.Entry<Source, Sighting> entry : sightings.entrySet()) {
      if (newer && entry.getKey().generation() != Generation.IROH_1) {
        continue;
      }
      Sighting sighting = entry.getValue();
      addresses.addAll(sighting.said.addresses());
      if (newest == null || sighting.at - at > 0) {
        newest = sighting.said;
        at = sighting.at;
      }
    }
    return Optional.ofNullable(newest).map(said -> said.withAddresses(sorted(addresses)));
  }

  private static List<InetSocketAddress> sorted(Set<InetSocketAddress> addresses) {
    return addresses.stream().sorted(SocketAddrs.ORDER).toList();
  }

  /** It said goodbye. Whether it was known. */
  boolean remove(NodeId id) {
    Map<Source, Sighting> sightings = peers.remove(id);
    if (sightings == null) {
      return false;
    }
    sightings.keySet().forEach(source -> turns(source).nodes--);
    return true;
  }

  /** A link is gone, with all that was heard on it; the nodes that were heard nowhere else. */
  List<NodeId> removeLink(Link link) {
    List<NodeId> gone = removeIf((source, sighting) -> source.link().equals(link));
    turns.keySet().removeIf(source -> source.link().equals(link));
    return gone;
  }

  /** Forgets what is not said any more; the nodes of which nothing is left. */
  List<NodeId> expire(long nanos) {
    return removeIf((source, sighting) -> isOver(source, sighting, nanos));
  }

  private boolean isOver(Source source, Sighting sighting, long nanos) {
    long age = nanos - sighting.at;
    if (age > QUIET_LIFETIME_NANOS) {
      return true;
    }
    Turns turns = turns(source);
    long size = turns.nodes + 1L;
    long least = Math.min(Exchange.ENOUGH, size);
    return (turns.rounds - sighting.round) * least >= ROUNDS * size
        && age * least >= ROUNDS * size * Exchange.CADENCE_NANOS;
  }

  private interface Condition {
    boolean holds(Source source, Sighting sighting);
  }

  private List<NodeId> removeIf(Condition condition) {
    List<NodeId> gone = new ArrayList<>();
    Iterator<Map.Entry<NodeId, Map<Source, Sighting>>> each = peers.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<NodeId, Map<Source, Sighting>> peer = each.next();
      peer.getValue()
          .entrySet()
          .removeIf(
              entry -> {
                boolean over = condition.holds(entry.getKey(), entry.getValue());
                if (over) {
                  turns(entry.getKey()).nodes--;
                }
                return over;
              });
      if (peer.getValue().isEmpty()) {
        each.remove();
        gone.add(peer.getKey());
      }
    }
    return gone;
  }

  /** Nodes that were heard there. */
  int nodes(Source source) {
    Turns turns = this.turns.get(source);
    return turns == null ? 0 : turns.nodes;
  }

  Set<NodeId> ids() {
    return peers.keySet();
  }

  int size() {
    return peers.size();
  }

  long refused() {
    return refused;
  }
}
