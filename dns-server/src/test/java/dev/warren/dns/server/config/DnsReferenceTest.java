package dev.warren.dns.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/dns-server.md} has every key as it is. */
class DnsReferenceTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "dns-server.md");

  private static String row(DnsKey key) {
    String type =
        switch (key.type()) {
          case BOOLEAN -> "bool";
          case INTEGER -> "integer, " + key.min() + " to " + key.max();
          case NUMBER -> "number";
          case TEXT -> "string";
          case TEXTS -> "string or list of strings";
          case ADDRESS -> "\"IP:PORT\"";
        };
    return "| `" + key.path() + "` | " + type + " | " + key.byDefault() + " |";
  }

  @Test
  void everyKeyHasItsRowAndEveryRowIsAKey() throws Exception {
    String text = Files.readString(DOCUMENT);
    assertThat(text).contains(Stream.of(DnsKey.values()).map(DnsReferenceTest::row).toList());
    String table = text.substring(text.indexOf("| key |"), text.indexOf("\nVariables go before"));
    List<String> rows =
        Pattern.compile("(?m)^\\| `([^`]+)` \\|")
            .matcher(table)
            .results()
            .map(m -> m.group(1))
            .toList();
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(Stream.of(DnsKey.values()).map(DnsKey::path).toList());
  }
}
