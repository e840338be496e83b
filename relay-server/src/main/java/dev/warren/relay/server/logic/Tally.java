package dev.warren.relay.server.logic;

import java.util.HashMap;
import java.util.Map;

/** How many there are of each; what there is none of takes no memory. Not thread-safe. */
final class Tally<K> {
  private final Map<K, Integer> counts = new HashMap<>();

  int of(K key) {
    return counts.getOrDefault(key, 0);
  }

  void add(K key) {
    counts.merge(key, 1, Integer::sum);
  }

  void remove(K key) {
    counts.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
  }

  int keys() {
    return counts.size();
  }
}
