package dev.warren.core;

/** A change of the paths to a peer, in the order in which they happened. */
public sealed interface PathEvent {
  /** A path became known. */
  record Opened(PathInfo path) implements PathEvent {}

  /** Traffic moved. */
  record Selected(PathInfo from, PathInfo to) implements PathEvent {}

  /** A path was given up. */
  record Closed(PathInfo last, String why) implements PathEvent {}

  static PathEvent of(dev.warren.magicsock.PathEvent event) {
    if (event instanceof dev.warren.magicsock.PathEvent.Opened opened) {
      return new Opened(PathInfo.of(opened.path()));
    }
    if (event instanceof dev.warren.magicsock.PathEvent.Selected selected) {
      return new Selected(PathInfo.of(selected.from()), PathInfo.of(selected.to()));
    }
    dev.warren.magicsock.PathEvent.Closed closed = (dev.warren.magicsock.PathEvent.Closed) event;
    return new Closed(PathInfo.of(closed.last()), closed.why());
  }
}
