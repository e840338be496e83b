package dev.warren.magicsock;

/** A change of the paths to a peer. */
public sealed interface PathEvent {
  /** A path was confirmed. */
  record Opened(PathSnapshot path) implements PathEvent {}

  /** Traffic moved. */
  record Selected(PathSnapshot from, PathSnapshot to) implements PathEvent {}

  /** A path was given up. */
  record Closed(PathSnapshot last, String why) implements PathEvent {}
}
