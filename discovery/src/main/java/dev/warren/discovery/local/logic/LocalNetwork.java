package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import dev.warren.discovery.local.wire.LocalMessage;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

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

  /** While queries go round, a missing answer means something: iroh's 0.7 s · 12345 / 9999. */
  private static final long BUSY_SWEEP_NANOS = 864_000_000;

  /** A known node is asked again by a lookup if it was not heard for so long. */
  private static final long FRESH_NANOS = 10_000_000_000L;

  private static final int MAX_SWARM = 100;

  private final NodeId self;
  private final Set<Generation> generations;
  private final RandomGenerator random;
  private final Output output;

  private final Map<Link, LinkState> links = new LinkedHashMap<>();
  private final PeerTable peers = new PeerTable();
  private final Lookups lookups = new Lookups();
  private Optional<Announcement> own = Optional.empty();
  private boolean browsing;
  private long sweepAt;

  /**
   * @param generations the dialects that are spoken; at least one
   */
  public LocalNetwork(
      NodeId self, Set<Generation> generations, RandomGenerator random, Output output, long nanos) {
    this.self = self;
    this.generations = EnumSet.copyOf(generations);
    this.random = random;
    this.output = output;
    this.sweepAt = nanos + SWEEP_NANOS;
  }

  /** One link: its rhythm in each generation. */
  private final class LinkState {
    private final Link link;
    private final Map<Generation, Exchange> exchanges = new EnumMap<>(Generation.class);
    private final Schedule schedule = new Schedule(random);
    private final SendBudget budget;
    private int tag;

    LinkState(Link link, long nanos) {
      this.link = link;
      this.budget = new SendBudget(nanos);
      for (Generation generation : generations) {
        PeerTable.Source source = new PeerTable.Source(link, generation);
        exchanges.put(generation, new Exchange(random, () -> swarm(source)));
      }
    }

    /**
     * All of the link, and we. More than a hundred count as a hundred: someone who invents
     * thousands must not make us wait for minutes before we answer.
     */
    private int swarm(PeerTable.Source source) {
      return Math.min(MAX_SWARM, peers.nodes(source) + 1);
    }

    void ask(Set<NodeId> wanted, long nanos) {
      if (budget.take(nanos)) {
        tag = 1 + random.nextInt(0xffff);
        output.send(link, new LocalMessage.Query(tag, generations, wanted));
      }
      generations.forEach(generation -> roundBegins(generation, nanos));
    }

    private void roundBegins(Generation generation, long nanos) {
      peers.queried(new PeerTable.Source(link, generation));
      if (sweepAt - nanos > BUSY_SWEEP_NANOS) {
        sweepAt = nanos + BUSY_SWEEP_NANOS;
      }
      exchanges.get(generation).queried(nanos);
    }

    void heardQuery(LocalMessage.Query query, long nanos) {
      if (query.tag() == tag && tag != 0) {
        // Our own, looped back for other programs of this host.
        return;
      }
      query.generations().stream()
          .filter(generations::contains)
          .forEach(generation -> roundBegins(generation, nanos));
      if (query.wanted().contains(self) && generations.contains(Generation.IROH_1)) {
        answer(Generation.IROH_1, nanos);
        exchanges.get(Generation.IROH_1).answered(nanos);
      }
    }

    void answer(Generation generation, long nanos) {
      if (generation == Generation.IROH_1) {
        schedule.announced(nanos);
      }
      if (own.isEmpty()) {
        return;
      }
      List<InetSocketAddress> told = LinkAddresses.told(own.get().addresses(), link);
      if (!told.isEmpty() && budget.take(nanos)) {
        output.send(link, LocalMessage.Response.of(generation, own.get().withAddresses(told)));
      }
    }

    void onTime(long nanos) {
      boolean ask = schedule.takeLook(nanos);
      for (Map.Entry<Generation, Exchange> entry : exchanges.entrySet()) {
        Exchange.Action action = entry.getValue().onTime(nanos);
        if (action == Exchange.Action.ANSWER) {
          answer(entry.getKey(), nanos);
        }
        ask |= action == Exchange.Action.ASK;
      }
      if (ask) {
        ask(lookups.missing(), nanos);
      }
      if (schedule.announceIsDue(nanos)) {
        answer(Generation.IROH_1, nanos);
      }
    }

    long deadline(long idle) {
      long next = schedule.deadline(idle);
      for (Exchange exchange : exchanges.values()) {
        long its = exchange.deadline(idle);
        next = its - next < 0 ? its : next;
      }
      return next;
    }
  }

  /** A link is there. */
  public void linkUp(Link link, long nanos) {
    LinkState state = new LinkState(link, nanos);
    links.put(link, state);
    if (own.isPresent() && generations.contains(Generation.IROH_1)) {
      state.schedule.announce(nanos);
    }
    if (browsing) {
      state.schedule.look(nanos);
    } else if (!lookups.missing().isEmpty()) {
      state.ask(lookups.missing(), nanos);
    }
    want(nanos);
    state.onTime(nanos);
  }

  /** A link is gone. */
  public void linkDown(Link link) {
    links.remove(link);
    peers.removeLink(link).forEach(output::expired);
  }

  /** What we say of ourselves from now on; an announcement without addresses is as good as none. */
  public void publish(Announcement announcement, long nanos) {
    Optional<Announcement> now = Optional.of(announcement).filter(a -> !a.addresses().isEmpty());
    if (now.equals(own)) {
      return;
    }
    boolean silent = own.isPresent() && now.isEmpty();
    own = now;
    for (LinkState link : links.values()) {
      if (silent) {
        goodbye(link, nanos);
      } else if (generations.contains(Generation.IROH_1)) {
        link.schedule.announce(nanos);
        link.onTime(nanos);
      }
    }
  }

  private void goodbye(LinkState link, long nanos) {
    link.schedule.silence();
    if (generations.contains(Generation.IROH_1) && link.budget.take(nanos)) {
      output.send(link.link, LocalMessage.Response.goodbye(self));
    }
  }

  /** Says goodbye, if there was a greeting. Nothing may be called afterwards. */
  public void leave(long nanos) {
    if (own.isPresent()) {
      links.values().forEach(link -> goodbye(link, nanos));
    }
  }

  /** Begins a lookup; its number is the caller's choice, and unique. */
  public void resolve(long lookup, NodeId id, long nanos) {
    Optional<Announcement> known = peers.get(id);
    boolean fresh = known.isPresent() && nanos - peers.lastHeard(id) < FRESH_NANOS;
    lookups.add(lookup, id, nanos);
    if (!fresh) {
      links.values().forEach(link -> link.ask(Set.of(id), nanos));
    }
    known.ifPresent(announcement -> found(announcement));
    want(nanos);
  }

  /** Ends a lookup without a word. */
  public void cancel(long lookup, long nanos) {
    lookups.remove(lookup);
    want(nanos);
  }

  /** Whether somebody wants to hear of everybody. */
  public void browse(boolean wanted, long nanos) {
    if (wanted && !browsing) {
      links.values().forEach(link -> link.schedule.look(nanos));
    }
    browsing = wanted;
  }

  /** Everybody who is known. */
  public List<Announcement> known() {
    return peers.ids().stream().map(id -> peers.get(id).orElseThrow()).toList();
  }

  private void want(long nanos) {
    boolean wanted = !lookups.missing().isEmpty();
    links
        .values()
        .forEach(link -> link.exchanges.values().forEach(exchange -> exchange.want(wanted, nanos)));
  }

  private void found(Announcement announcement) {
    lookups.found(announcement.id()).forEach(lookup -> output.found(lookup, announcement));
  }

  /**
   * A message came in.
   *
   * @param fromThisHost whether its sender is a program of this host
   */
  public void received(Link link, LocalMessage message, boolean fromThisHost, long nanos) {
    LinkState state = links.get(link);
    if (state == null) {
      return;
    }
    if (message instanceof LocalMessage.Query query) {
      state.heardQuery(query, nanos);
    } else if (message instanceof LocalMessage.Response response) {
      EnumMap<Generation, Integer> heard = new EnumMap<>(Generation.class);
      for (LocalMessage.Said said : response.said()) {
        if (generations.contains(said.generation()) && !said.announcement().id().equals(self)) {
          heard.merge(said.generation(), 1, Integer::sum);
          hear(new PeerTable.Source(link, said.generation()), said, fromThisHost, nanos);
        }
      }
      heard.forEach((generation, nodes) -> state.exchanges.get(generation).heard(nodes, nanos));
      response.goodbyes().stream().filter(peers::remove).forEach(output::expired);
    }
  }

  private void hear(
      PeerTable.Source source, LocalMessage.Said said, boolean fromThisHost, long nanos) {
    Announcement announcement = said.announcement();
    List<InetSocketAddress> addresses =
        LinkAddresses.heard(announcement.addresses(), source.link(), fromThisHost);
    if (addresses.isEmpty()) {
      return;
    }
    Announcement believed = announcement.withAddresses(addresses);
    PeerTable.Change change = peers.heard(source, believed, nanos);
    if (change == PeerTable.Change.REFUSED) {
      // No room to remember it, but whoever asked for it gets it.
      found(believed);
    } else {
      Announcement all = peers.get(believed.id()).orElseThrow();
      if (change != PeerTable.Change.SAME || lookups.missing().contains(believed.id())) {
        found(all);
      }
      if (change != PeerTable.Change.SAME) {
        output.discovered(all);
      }
    }
    want(nanos);
  }

  /** Does what is due. */
  public void onTime(long nanos) {
    links.values().forEach(link -> link.onTime(nanos));
    List<Long> ended = lookups.end(nanos);
    if (!ended.isEmpty()) {
      ended.forEach(output::ended);
      want(nanos);
    }
    if (sweepAt - nanos <= 0) {
      peers.expire(nanos).forEach(output::expired);
      sweepAt = nanos + SWEEP_NANOS;
    }
  }

  /** When {@link #onTime} has to be called at the latest. */
  public long deadline() {
    long next = lookups.deadline(sweepAt);
    for (LinkState link : links.values()) {
      long its = link.deadline(next);
      next = its - next < 0 ? its : next;
    }
    return next;
  }

  /** Nodes that are known. */
  public int size() {
    return peers.size();
  }

  /** Announcements of nodes for which there was no room. */
  public long refused() {
    return peers.refused();
  }
}
