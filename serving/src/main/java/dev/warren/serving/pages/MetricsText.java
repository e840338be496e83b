package dev.warren.serving.pages;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Counters as OpenMetrics text (openmetrics.io, version 1.0.0). Immutable.
 *
 * @param prefix before every name that has none of these prefixes yet
 * @param groups further prefixes
 * @param gauges names without prefix of what goes down again; all else only goes up
 * @param help one line about each name without prefix
 */
public record MetricsText(
    String prefix, Set<String> groups, Set<String> gauges, Map<String, String> help) {
  private static final String TOTAL = "_total";

  /**
   * @param metrics by their names, with or without a prefix
   */
  public String of(Map<String, Long> metrics) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(metrics).forEach((name, value) -> line(text, name, value));
    return text.append("# EOF\n").toString();
  }

  /** A counter's family has no {@code _total}, its sample has exactly one. */
  private void line(StringBuilder text, String name, long value) {
    boolean prefixed = name.startsWith(prefix) || groups.stream().anyMatch(name::startsWith);
    String full = prefixed ? name : prefix + name;
    String family = full.endsWith(TOTAL) ? full.substring(0, full.length() - TOTAL.length()) : full;
    String bare = family.startsWith(prefix) ? family.substring(prefix.length()) : family;
    boolean gauge = gauges.contains(bare);
    String explained = help.getOrDefault(bare, bare.replace('_', ' '));
    text.append("# HELP ").append(family).append(' ').append(explained).append('\n');
    text.append("# TYPE ").append(family).append(gauge ? " gauge\n" : " counter\n");
    text.append(family).append(gauge ? " " : TOTAL + " ").append(value).append('\n');
  }
}
