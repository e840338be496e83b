package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the part of OpenMetrics 1.0 that a relay writes, and nothing beside it: of each family one
 * HELP, one TYPE, one sample without labels, in this order; no family twice; one end.
 */
final class OpenMetricsText {
  private static final Pattern FAMILY =
      Pattern.compile(
          "# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\n\\\\]+)\\n"
              + "# TYPE ([a-zA-Z0-9_:]+) (counter|gauge)\\n"
              + "([a-zA-Z0-9_:]+) ([0-9]+)\\n");

  /** One family with its one sample. */
  record Family(boolean gauge, String help, long value) {}

  private OpenMetricsText() {}

  /** By name, in their order; fails at the first byte that does not belong. */
  static Map<String, Family> read(String text) {
    Map<String, Family> families = new LinkedHashMap<>();
    Matcher next = FAMILY.matcher(text);
    int at = 0;
    while (!text.startsWith("# EOF\n", at)) {
      next.region(at, text.length());
      assertThat(next.lookingAt()).as("a family at: " + text.substring(at)).isTrue();
      String name = next.group(1);
      boolean gauge = next.group(4).equals("gauge");
      assertThat(next.group(3)).isEqualTo(name);
      assertThat(next.group(5)).isEqualTo(gauge ? name : name + "_total");
      assertThat(name).doesNotEndWith("_total");
      Family family = new Family(gauge, next.group(2), Long.parseLong(next.group(6)));
      assertThat(families.put(name, family)).as(name + " twice").isNull();
      at = next.end();
    }
    assertThat(text).hasSize(at + "# EOF\n".length());
    return families;
  }
}
