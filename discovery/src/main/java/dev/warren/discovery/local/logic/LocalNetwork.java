package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import dev.warren.discovery.local.wire.LocalMessage;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A node's part in local discovery: what it sends on which link and when, and whom it knows. Times
 * are those of {@link System#nanoTime}. Not thread-safe.
 */
public final class LocalNetwork {
  /** What comes of it; called while a method of {@link LocalNetwork} runs. */
  public interface Output extends Findings {
    void send(Link link, LocalMessage message);
  }

  /** What is due without anything happening is looked at that often. */
  private static final long SWEEP_NANOS = 15_000_000_000L;

  /** A known node is asked again by a lookup if it was not heard for so long. */
  private static final long FRESH_NANOS = 10_000_000_000L;

  private static final PeerTable.Source DNS_SD =
      new PeerTable.Source(Link.DNS_SD, Generation.IROH_1);

  private final Node node;
  private final Map<Link, OnLink> links = new LinkedHashMap<>();
  private boolean browsing;

  /**
   * @param generations the dialects that are spoken; at least one
   */
  public LocalNetwork(
      NodeId self, Set<Generation> generations, Random random, Output output, long nanos) {
    this.node = new Node(self, generations, random, output);
    node.sweepAt = nanos + SWEEP_NANOS;
  }

  /** A link is there. */
  public void linkUp(Link link, long nanos) {
    OnLink state = new OnLink(link, node, nanos);
    links.put(link, state);
    state.begin(browsing, nanos);
  }

  /** A link is gone. */
  public void linkDown(Link link) {
    links.remove(link);
    node.peers.removeLink(link).forEach(node.output::expired);
  }

  /** What we say of ourselves from now on; an announcement without addresses is as good as none. */
  public void publish(Announcement announcement, long nanos) {
    Optional<Announcement> now = Optional.of(announcement).filter(a -> !a.addresses().isEmpty());
    if (now.equals(node.own)) {
      return;
    }
    boolean silent = node.own.isPresent() && now.isEmpty();
    node.own = now;
    for (OnLink link : links.values()) {
      if (silent) {
        link.goodbye(nanos);
      } else {
        link.announce(nanos);
      }
    }
  }

  /** Says goodbye, if there was a greeting. Nothing may be called afterwards. */
  public void leave(long nanos) {
    if (node.own.isPresent()) {
      links.values().forEach(link -> link.goodbye(nanos));
    }
  }

  /** Begins a lookup; its number is the caller's choice, and unique. */
  public void resolve(long lookup, NodeId id, long nanos) {
    Optional<Announcement> known = node.peers.get(id);
    boolean fresh = known.isPresent() && nanos - node.peers.lastHeard(id) < FRESH_NANOS;
    node.lookups.add(lookup, id, nanos);
    if (!fresh) {
      links.values().forEach(link -> link.ask(Set.of(id), nanos));
    }
    known.ifPresent(announcement -> found(announcement));
    want(nanos);
  }

  /** Ends a lookup without a word. */
  public void cancel(long lookup, long nanos) {
    node.lookups.remove(lookup);
    want(nanos);
  }

  /** Whether somebody wants to hear of everybody. */
  public void browse(boolean wanted, long nanos) {
    if (wanted && !browsing) {
      links.values().forEach(link -> link.look(nanos));
    }
    browsing = wanted;
  }

  /** Everybody who is known. */
  public List<Announcement> known() {
    return node.peers.ids().stream().map(id -> node.peers.get(id).orElseThrow()).toList();
  }

  private void want(long nanos) {
    boolean wanted = node.lookups.isAnyMissing();
    links.values().forEach(link -> link.want(wanted, nanos));
  }

  private void found(Announcement announcement) {
    node.lookups
        .found(announcement.id())
        .forEach(lookup -> node.output.found(lookup, announcement));
  }

  /**
   * A message came in.
   *
   * @param fromThisHost whether its sender is a program of this host
   */
  public void received(Link link, LocalMessage message, boolean fromThisHost, long nanos) {
    OnLink state = links.get(link);
    if (state == null) {
      return;
    }
    if (message instanceof LocalMessage.Query query) {
      state.heardQuery(query, nanos);
    } else if (message instanceof LocalMessage.Response response) {
      EnumMap<Generation, Integer> heard = new EnumMap<>(Generation.class);
      for (LocalMessage.Said said : response.said()) {
        if (node.generations.contains(said.generation())
            && !said.announcement().id().equals(node.self)) {
          heard.merge(said.generation(), 1, Integer::sum);
          PeerTable.Source source = new PeerTable.Source(link, said.generation());
          hear(source, said.announcement(), fromThisHost, nanos);
        }
      }
      heard.forEach((generation, nodes) -> state.heardAnswer(generation, nodes, nanos));
      response.goodbyes().stream().filter(node.peers::remove).forEach(node.output::expired);
    }
  }

  private void hear(
      PeerTable.Source source, Announcement announcement, boolean fromThisHost, long nanos) {
    List<InetSocketAddress> addresses =
        LinkAddresses.heard(announcement.addresses(), source.link(), fromThisHost);
    if (addresses.isEmpty()) {
      return;
    }
    Announcement believed = announcement.withAddresses(addresses);
    PeerTable.Change change = node.peers.heard(source, believed, nanos);
    if (change == PeerTable.Change.REFUSED) {
      // No room to remember it, but whoever asked for it gets it.
      found(believed);
    } else {
      Announcement all = node.peers.get(believed.id()).orElseThrow();
      if (change != PeerTable.Change.SAME || node.lookups.isMissing(believed.id())) {
        found(all);
      }
      if (change != PeerTable.Change.SAME) {
        node.output.discovered(all);
      }
    }
    want(nanos);
  }

  /** DNS-SD names a node. To be repeated every minute while it does. */
  public void told(Announcement announcement, long nanos) {
    if (!announcement.id().equals(node.self)) {
      hear(DNS_SD, announcement, false, nanos);
    }
  }

  /** DNS-SD does not name it any more. */
  public void untold(NodeId id) {
    if (node.peers.remove(id, DNS_SD)) {
      node.output.expired(id);
    }
  }

  /** Does what is due. */
  public void onTime(long nanos) {
    links.values().forEach(link -> link.onTime(nanos));
    List<Long> ended = node.lookups.end(nanos);
    if (!ended.isEmpty()) {
      ended.forEach(node.output::ended);
      want(nanos);
    }
    if (node.sweepAt - nanos <= 0) {
      node.peers.expire(nanos).forEach(node.output::expired);
      node.sweepAt = nanos + SWEEP_NANOS;
    }
  }

  /** When {@link #onTime} has to be called at the latest. */
  public long deadline() {
    long next = node.lookups.deadline(node.sweepAt);
    for (OnLink link : links.values()) {
      long its = link.deadline(next);
      next = its - next < 0 ? its : next;
    }
    return next;
  }

  /** Nodes that are known. */
  public int size() {
    return node.peers.size();
  }

  /** Announcements of nodes for which there was no room. */
  public long refused() {
    return node.peers.refused();
  }
}
