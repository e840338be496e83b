package dev.warren.magicsock.logic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who named an address, and when last; the first to do so comes first. Socket loop only. */
public final class Sources {
  /** More than there are ways to find a node. */
  private static final int REMEMBERED = 12;

  /** One of them; {@code at} in nanoseconds of the clock. */
  public record Told(String provenance, long at) {}

  private final Map<String, Long> told = new LinkedHashMap<>();

  void add(String provenance, long now) {
    if (told.size() < REMEMBERED || told.containsKey(provenance)) {
      told.put(provenance, now);
    }
  }

  boolean has(String provenance) {
    return told.containsKey(provenance);
  }

  /** A copy. */
  public List<Told> list() {
    List<Told> all = new ArrayList<>(told.size());
    told.forEach((provenance, at) -> all.add(new Told(provenance, at)));
    return all;
  }
}
