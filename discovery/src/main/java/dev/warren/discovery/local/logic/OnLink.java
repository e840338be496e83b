package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.wire.Generation;
import dev.warren.discovery.local.wire.LocalMessage;
import dev.warren.discovery.local.wire.MessageWriter;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node on one link: its rhythm in each generation. Not thread-safe. */
final class OnLink {
  /** While queries go round, a missing answer means something: iroh's 0.7 s · 12345 / 9999. */
  private static final long BUSY_SWEEP_NANOS = 864_000_000;

  private static final int MAX_SWARM = 100;

  private final Link link;
  private final Node node;
  private final Map<Generation, Exchange> exchanges = new EnumMap<>(Generation.class);
  private final Schedule schedule;
  private final SendBudget budget;
  private int tag;

  OnLink(Link link, Node node, long nanos) {
    this.link = link;
    this.node = node;
    this.schedule = new Schedule(node.random);
    this.budget = new SendBudget(nanos);
    for (Generation generation : node.generations) {
      PeerTable.Source source = new PeerTable.Source(link, generation);
      exchanges.put(generation, new Exchange(node.random, () -> swarm(source)));
    }
  }

  /**
   * All of the link, and we. More than a hundred count as a hundred: someone who invents thousands
   * must not make us wait for minutes before we answer.
   */
  private int swarm(PeerTable.Source source) {
    return Math.min(MAX_SWARM, node.peers.nodes(source) + 1);
  }

  /** The link is there. */
  void begin(boolean browsing, long nanos) {
    if (node.own.isPresent()) {
      announce(nanos);
    }
    if (browsing) {
      schedule.look(nanos);
    } else if (node.lookups.isAnyMissing()) {
      askForMissing(nanos);
    }
    want(node.lookups.isAnyMissing(), nanos);
    onTime(nanos);
  }

  /** There is something new to say. */
  void announce(long nanos) {
    if (node.generations.contains(Generation.IROH_1)) {
      schedule.announce(nanos);
      onTime(nanos);
    }
  }

  /** There is nothing to say any more. */
  void goodbye(long nanos) {
    schedule.silence();
    if (node.generations.contains(Generation.IROH_1) && budget.take(nanos)) {
      node.output.send(link, LocalMessage.Response.goodbye(node.self));
    }
  }

  /** Somebody wants to know who is there. */
  void look(long nanos) {
    schedule.look(nanos);
  }

  /** Whether a node is looked for that is not found yet. */
  void want(boolean wanted, long nanos) {
    exchanges.values().forEach(exchange -> exchange.want(wanted, nanos));
  }

  private void askForMissing(long nanos) {
    ask(node.lookups.someMissing(MessageWriter.MAX_WANTED, node.random), nanos);
  }

  void ask(Set<NodeId> wanted, long nanos) {
    if (budget.take(nanos)) {
      tag = 1 + node.random.nextInt(0xffff);
      node.output.send(link, new LocalMessage.Query(tag, node.generations, wanted));
    }
    for (Generation generation : node.generations) {
      PeerTable.Source source = new PeerTable.Source(link, generation);
      roundBegins(source, nanos);
      if (node.peers.nodes(source) == 0) {
        // Nobody is known to listen: an answer to ourselves would be said into the void. Whoever
        // is there answers, is known then, and hears us in the next round.
        exchanges.get(generation).rest(nanos);
      }
    }
  }

  private void roundBegins(PeerTable.Source source, long nanos) {
    node.peers.queried(source);
    if (node.sweepAt - nanos > BUSY_SWEEP_NANOS) {
      node.sweepAt = nanos + BUSY_SWEEP_NANOS;
    }
    exchanges.get(source.generation()).queried(nanos);
  }

  void heardQuery(LocalMessage.Query query, long nanos) {
    if (query.tag() == tag && tag != 0) {
      // Our own, looped back for other programs of this host.
      return;
    }
    query.generations().stream()
        .filter(node.generations::contains)
        .forEach(generation -> roundBegins(new PeerTable.Source(link, generation), nanos));
    if (query.wanted().contains(node.self) && node.generations.contains(Generation.IROH_1)) {
      answer(Generation.IROH_1, nanos);
      exchanges.get(Generation.IROH_1).answered(nanos);
    }
  }

  /** Nodes of a generation answered, in one message. */
  void heardAnswer(Generation generation, int nodes, long nanos) {
    exchanges.get(generation).heard(nodes, nanos);
  }

  private void answer(Generation generation, long nanos) {
    if (generation == Generation.IROH_1) {
      schedule.announced(nanos);
    }
    if (node.own.isEmpty()) {
      return;
    }
    List<InetSocketAddress> told = LinkAddresses.told(node.own.get().addresses(), link);
    if (!told.isEmpty() && budget.take(nanos)) {
      node.output.send(
          link, LocalMessage.Response.of(generation, node.own.get().withAddresses(told)));
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
      askForMissing(nanos);
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
