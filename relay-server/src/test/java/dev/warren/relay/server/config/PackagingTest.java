package dev.warren.relay.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warren.serving.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The configurations that packaging ships are ones that this relay takes. */
class PackagingTest {
  private static final Path PACKAGING = Path.of("..", "packaging");
  private static final Map<String, String> SECRET = Map.of("WARREN_RELAY_ACCESS_TOKEN", "t");

  @Test
  void theSampleIsRightAndDrainsWithinWhatTheUnitGrants() throws Exception {
    RelayConfig sample = RelayConfig.read(PACKAGING.resolve("relay.toml"), Map.of());
    assertThat(sample.drain().toSeconds())
        .isLessThan(seconds("systemd/warren-relay.service", "TimeoutStopSec=(\\d+)"));
  }

  @Test
  void theManifestLacksOnlyTheSecretAndDrainsWithinWhatItGrants() throws Exception {
    String manifest = Files.readString(PACKAGING.resolve("kubernetes/relay.yaml"));
    Matcher map = Pattern.compile("relay\\.toml: \\|\n((?: {4}.*\n)+)").matcher(manifest);
    assertThat(map.find()).isTrue();
    String toml = map.group(1);
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class, () -> RelayConfig.parse("relay.toml", toml, SECRET, false));
    assertThat(e.problems())
        .hasSize(2)
        .allMatch(p -> p.message().contains("/etc/warren/tls/") && p.message().contains("no such"));
    String plain = toml.replaceAll("(?s) *\\[tls].*(?= *\\[limits])", "");
    assertThat(RelayConfig.parse("relay.toml", plain, SECRET, false).drain().toSeconds())
        .isLessThan(seconds("kubernetes/relay.yaml", "terminationGracePeriodSeconds: (\\d+)"));
  }

  private static long seconds(String file, String pattern) throws Exception {
    Matcher found = Pattern.compile(pattern).matcher(Files.readString(PACKAGING.resolve(file)));
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1));
  }
}
