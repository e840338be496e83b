package dev.warren.discovery;

import dev.warren.base.NodeId;

/** What a service that sees neighbours tells unasked. */
public sealed interface DiscoveryEvent {
  /** A node is there, or says something new. */
  record Discovered(DiscoveryItem item) implements DiscoveryEvent {}

  /** A node has not been heard for a while, or said goodbye. */
  record Expired(NodeId id, String provenance) implements DiscoveryEvent {}
}
