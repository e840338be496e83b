package dev.warren.discovery.local.logic;

import dev.warren.base.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The lookups under way. Not thread-safe. */
final class Lookups {
  /** A lookup goes on that long, as in iroh (discovery section 7.7): later addresses count too. */
  static final long DURATION_NANOS = 10_000_000_000L;

  /** Findings of one lookup: iroh's buffer. A liar could say another one in each packet. */
  static final int MAX_FINDINGS = 20;

  private static final class Lookup {
    private final NodeId id;
    private final long deadline;
    private int findings;

    Lookup(NodeId id, long deadline) {
      this.id = id;
      this.deadline = deadline;
    }
  }

  private final Map<Long, Lookup> lookups = new LinkedHashMap<>();

  void add(long number, NodeId id, long nanos) {
    lookups.put(number, new Lookup(id, nanos + DURATION_NANOS));
  }

  void remove(long number) {
    lookups.remove(number);
  }

  /** A finding; the lookups that are told of it. */
  List<Long> found(NodeId id) {
    List<Long> told = new ArrayList<>();
    lookups.forEach(
        (number, lookup) -> {
          if (lookup.id.equals(id) && lookup.findings < MAX_FINDINGS) {
            lookup.findings++;
            told.add(number);
          }
        });
    return told;
  }

  /** The lookups whose time is over; they are forgotten. */
  List<Long> end(long nanos) {
    List<Long> ended = new ArrayList<>();
    lookups
        .entrySet()
        .removeIf(
            entry -> {
              boolean over = entry.getValue().deadline - nanos <= 0;
              if (over) {
                ended.add(entry.getKey());
              }
              return over;
            });
    return ended;
  }

  /** The nodes of which nothing has been found yet. */
  Set<NodeId> missing() {
    Set<NodeId> missing = new LinkedHashSet<>();
    for (Lookup lookup : lookups.values()) {
      if (lookup.findings == 0) {
        missing.add(lookup.id);
      }
    }
    return missing;
  }

  boolean wants(NodeId id) {
    return lookups.values().stream().anyMatch(lookup -> lookup.id.equals(id));
  }

  long deadline(long idle) {
    long next = idle;
    for (Lookup lookup : lookups.values()) {
      next = lookup.deadline - next < 0 ? lookup.deadline : next;
    }
    return next;
  }
}
