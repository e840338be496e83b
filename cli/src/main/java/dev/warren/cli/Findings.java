package dev.warren.cli;

import dev.warren.base.NodeId;
import dev.warren.discovery.DiscoveryEvent;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Tells of what services of discovery find: each finding once, and again when it has changed. Any
 * thread.
 */
final class Findings {
  /** Of the last so many is known that they were told; neighbours may be many, and hostile. */
  private static final int REMEMBERED = 1024;

  /** Findings that nobody asked for and that are told; after those only answers are. */
  private static final int MOST_UNASKED = 1024;

  private record Source(NodeId id, String provenance) {}

  private final Output out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Source, EndpointData> told =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, EndpointData> eldest) {
          return size() > REMEMBERED;
        }
      };
  private int unasked;

  Findings(Output out) {
    this.out = out;
  }

  /** A service has found what was looked for. */
  void found(DiscoveryItem item) {
    if (isNews(item)) {
      tell(item);
    }
  }

  /** A service has seen a neighbour, or lost it. */
  void seen(DiscoveryEvent event) {
    if (event instanceof DiscoveryEvent.Discovered discovered) {
      if (isNews(discovered.item()) && isWorthTelling()) {
        tell(discovered.item());
      }
    } else if (event instanceof DiscoveryEvent.Expired expired) {
      if (isForgotten(new Source(expired.id(), expired.provenance()))) {
        tell(expired);
      }
    }
  }

  private boolean isForgotten(Source source) {
    lock.lock();
    try {
      return told.remove(source) != null;
    } finally {
      lock.unlock();
    }
  }

  private boolean isNews(DiscoveryItem item) {
    lock.lock();
    try {
      return !item.data().equals(told.put(new Source(item.id(), item.provenance()), item.data()));
    } finally {
      lock.unlock();
    }
  }

  private boolean isWorthTelling() {
    lock.lock();
    try {
      return unasked++ < MOST_UNASKED;
    } finally {
      lock.unlock();
    }
  }

  private void tell(DiscoveryItem item) {
    List<String> addrs = item.data().addrs().stream().map(Object::toString).toList();
    String human =
        "found "
            + item.id().toShortString()
            + " by "
            + item.provenance()
            + ": "
            + addrs.stream().collect(Collectors.joining(" "));
    out.event(
        "discovered",
        human,
        "peer",
        item.id(),
        "provenance",
        item.provenance(),
        "addrs",
        addrs,
        "ageMs",
        item.lastUpdated().map(Findings::age).orElse(null),
        "userData",
        item.data().userData().orElse(null));
  }

  private void tell(DiscoveryEvent.Expired expired) {
    String human = "lost " + expired.id().toShortString() + " by " + expired.provenance();
    out.event("expired", human, "peer", expired.id(), "provenance", expired.provenance());
  }

  /** By two clocks, so that it may be a little less than nothing. */
  private static Long age(Instant updated) {
    try {
      return Math.max(0, Duration.between(updated, Instant.now()).toMillis());
    } catch (ArithmeticException farAway) {
      return 0L;
    }
  }
}
