package dev.warren.serving.logic;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connections in the order they came: those that are being established, or all. Not thread-safe.
 */
public final class HalfOpen<C> {
  private final Set<C> all = new LinkedHashSet<>();
  private final Map<AddressGroup, Set<C>> byAddress = new HashMap<>();

  /**
   * @param from null: not counted for any address
   */
  public void add(C connection, @Nullable AddressGroup from) {
    all.add(connection);
    if (from != null) {
      byAddress.computeIfAbsent(from, f -> new LinkedHashSet<>()).add(connection);
    }
  }

  public void remove(C connection, @Nullable AddressGroup from) {
    all.remove(connection);
    if (from != null) {
      byAddress.computeIfPresent(
          from,
          (f, connections) -> {
            connections.remove(connection);
            return connections.isEmpty() ? null : connections;
          });
    }
  }

  public int size() {
    return all.size();
  }

  public int addresses() {
    return byAddress.size();
  }

  /** The oldest of all, or null. */
  public @Nullable C oldest() {
    return all.isEmpty() ? null : all.iterator().next();
  }

  /** The oldest, at most so many, in their order. */
  public List<C> first(int most) {
    return all.stream().limit(most).toList();
  }

  /** The oldest if there are more than {@code limit} in all; 0 for no limit. */
  public @Nullable C surplus(int limit) {
    return surplus(all, limit);
  }

  /** The oldest of an address if it has more than {@code limit}; 0 for no limit. */
  public @Nullable C surplus(AddressGroup from, int limit) {
    return surplus(byAddress.getOrDefault(from, Set.of()), limit);
  }

  private static <C> @Nullable C surplus(Set<C> connections, int limit) {
    if (limit == 0 || connections.size() <= limit) {
      return null;
    }
    Iterator<C> oldest = connections.iterator();
    return oldest.next();
  }
}
