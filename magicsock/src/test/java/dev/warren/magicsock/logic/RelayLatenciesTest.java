package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.Relays.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.testlab.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which relay the reports prefer: upstream's table (net-report section 4), and its edges. */
class RelayLatenciesTest {
  private static final List<RelayUrl> ALL = List.of(url(1), url(2), url(3));

  private final RelayLatencies latencies = new RelayLatencies();
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1_000_000_000L);
  private @Nullable RelayUrl home;

  /** "+1: d1 4, d2 3" is a report a second later, in which d1 was 4 s away and d2 3 s. */
  private void report(String step) {
    String[] parts = step.split(":");
    clock.advance(Duration.ofSeconds(Long.parseLong(parts[0].strip().substring(1))));
    Map<RelayUrl, Long> measured = new HashMap<>();
    for (String entry : parts[1].split(",")) {
      String[] pair = entry.strip().split(" ");
      measured.put(
          url(Integer.parseInt(pair[0].substring(1))), Long.parseLong(pair[1]) * 1_000_000_000L);
    }
    latencies.add(measured, clock.nanoTime());
    home = latencies.preferred(ALL, home).orElse(null);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "first reading     | +0: d1 2, d2 3                                              | 1 | 1",
        "with two          | +0: d1 2, d2 3; +1: d1 4, d2 3                              | 1 | 2",
        "d1 gone           | +0: d1 2, d2 3; +1: d1 4, d2 3; +2: d2 3                    | 2 | 3",
        "d1 back           | +0: d1 2, d2 3; +1: d1 4, d2 3; +2: d2 3; +3: d1 4, d2 3    | 1 | 4",
        "cleanup           | +0: d1 1, d2 2; +1: d1 1, d2 2; +2: d1 1, d2 2; +600: d3 3  | 3 | 1",
        "hysteresis, stays | +0: d1 4, d2 5; +1: d1 4, d2 3                              | 1 | 2",
        "hysteresis, moves | +0: d1 4, d2 5; +1: d1 4, d2 1                              | 2 | 2"
      })
  void theTableOfUpstream(String name, String steps, int expected, int remembered) {
    for (String step : steps.split(";")) {
      report(step.strip());
    }
    assertThat(home).isEqualTo(url(expected));
    assertThat(latencies.size()).isEqualTo(remembered);
  }

  @Test
  void ofEqualsTheFirstIsPreferred() {
    report("+0: d2 2, d1 2");
    assertThat(home).isEqualTo(url(1));
  }

  @Test
  void whenNobodyAnsweredNoneIsPreferred() {
    latencies.add(Map.of(), clock.nanoTime());
    assertThat(latencies.preferred(ALL, url(1))).isEmpty();
  }

  @Test
  void aRelayThatIsNotOursIsNotPreferred() {
    report("+0: d1 1, d2 2");
    assertThat(latencies.preferred(List.of(url(2)), url(1))).contains(url(2));
  }

  @Test
  void anotherNetworkBeginsAnew() {
    report("+0: d1 1, d2 9");
    latencies.forget();
    report("+1: d1 9, d2 1");
    assertThat(home).isEqualTo(url(2));
    assertThat(latencies.best(url(1))).hasValue(9_000_000_000L);
  }
}
