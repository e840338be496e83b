package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.wire.Announcement;

/** What is found out on the local network. */
public interface Findings {
  /** A lookup found something. */
  void found(long lookup, Announcement announcement);

  /** A lookup's time is over. */
  void ended(long lookup);

  /** A node appeared, or says something new. */
  void discovered(Announcement announcement);

  /** A node is gone. */
  void expired(NodeId id);
}
