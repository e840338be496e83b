package dev.warren.relay.server.operation;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counters as OpenMetrics text (openmetrics.io, version 1.0.0). Stateless. */
final class MetricsText {
  private static final String PREFIX = "relayserver_";

  /** Group of its own in the field (relay-server section 11). */
  private static final String STUN = "stun_";

  /** What goes down again: who is here, and who is on the way in. */
  private static final Set<String> GAUGES = Set.of(PREFIX + "clients", PREFIX + "establishing");

  private MetricsText() {}

  /**
   * @param metrics by the field's names, with or without their prefix
   */
  static String of(Map<String, Long> metrics) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(metrics).forEach((name, value) -> line(text, name, value));
    return text.append("# EOF\n").toString();
  }

  /** A counter's family has no {@code _total}, its sample has exactly one. */
  private static void line(StringBuilder text, String name, long value) {
    boolean prefixed = name.startsWith(PREFIX) || name.startsWith(STUN);
    String full = prefixed ? name : PREFIX + name;
    boolean gauge = GAUGES.contains(full);
    String family = full.endsWith("_total") ? full.substring(0, full.length() - 6) : full;
    text.append("# HELP ").append(family).append(' ').append(help(family)).append('\n');
    text.append("# TYPE ").append(family).append(gauge ? " gauge\n" : " counter\n");
    text.append(family).append(gauge ? " " : "_total ").append(value).append('\n');
  }

  private static String help(String family) {
    String name = family.startsWith(PREFIX) ? family.substring(PREFIX.length()) : family;
    return MetricsHelp.TEXTS.getOrDefault(name, name.replace('_', ' '));
  }
}
