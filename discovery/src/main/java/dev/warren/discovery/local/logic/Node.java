package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** What a node has on all its links in common. Not thread-safe. */
final class Node {
  final NodeId self;
  final Set<Generation> generations;
  final Random random;
  final LocalNetwork.Output output;
  final PeerTable peers = new PeerTable();
  final Lookups lookups = new Lookups();

  /** What it says of itself; nothing if it has no address. */
  Optional<Announcement> own = Optional.empty();

  /** When to look for peers that are gone. */
  long sweepAt;

  Node(NodeId self, Set<Generation> generations, Random random, LocalNetwork.Output output) {
    this.self = self;
    this.generations = EnumSet.copyOf(generations);
    this.random = random;
    this.output = output;
  }
}
