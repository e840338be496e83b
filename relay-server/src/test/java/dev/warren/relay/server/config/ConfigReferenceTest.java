package dev.warren.relay.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.serving.config.ConfigKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/operations.md} has every key as it is. */
class ConfigReferenceTest {
  private static final Path OPERATIONS = Path.of("..", "docs", "operations.md");

  private static String row(RelayKey key) {
    String type =
        switch (key.type()) {
          case BOOLEAN -> "bool";
          case INTEGER -> "integer, " + key.min() + " to " + key.max();
          case NUMBER -> "number, more than " + key.min() + ", at most " + key.max();
          case TEXT -> "string";
          case TEXTS -> "string or list of strings";
          case ADDRESS -> "\"IP:PORT\"";
        };
    return "| `" + key.path() + "` | " + type + " | " + key.byDefault() + " |";
  }

  @Test
  void everyKeyHasItsRowWithTypeRangeAndDefault() throws Exception {
    String reference = Files.readString(OPERATIONS);
    assertThat(reference)
        .contains(Stream.of(RelayKey.values()).map(ConfigReferenceTest::row).toList());
  }

  @Test
  void everyRowOfTheReferenceIsAKey() throws Exception {
    String text = Files.readString(OPERATIONS);
    String table = text.substring(text.indexOf("| key |"), text.indexOf("\nVariables go before"));
    List<String> rows =
        Pattern.compile("(?m)^\\| `([^`]+)` \\|")
            .matcher(table)
            .results()
            .map(m -> m.group(1))
            .collect(Collectors.toList());
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(RelayKey.values()).map(k -> k.path()).toList());
  }

  @Test
  void theDefaultsAreThoseThatHold() throws Exception {
    for (RelayKey key : RelayKey.values()) {
      if (key.type() == ConfigKey.Type.BOOLEAN && !key.path().startsWith("tls.")) {
        RelayConfig said =
            RelayConfig.parse("x", key.path() + " = " + key.byDefault(), env(), false);
        assertThat(said).as(key.path()).isEqualTo(RelayConfig.parse("x", "", env(), false));
      }
      if (key.type() == ConfigKey.Type.INTEGER && key.byDefault().matches("\\d+")) {
        RelayConfig said =
            RelayConfig.parse("x", key.path() + " = " + key.byDefault(), env(), false);
        assertThat(said).as(key.path()).isEqualTo(RelayConfig.parse("x", "", env(), false));
      }
    }
  }

  private static Map<String, String> env() {
    return Map.of();
  }
}
