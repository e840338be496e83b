package dev.warren.relay.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTextTest {
  @Test
  void aCounterHasItsHelpItsTypeAndOneTotal() {
    assertThat(MetricsHelp.FORMAT.of(Map.of("bytes_sent", 7L)))
        .isEqualTo(
            """
            # HELP relayserver_bytes_sent Payload bytes of datagrams written to clients
            # TYPE relayserver_bytes_sent counter
            relayserver_bytes_sent_total 7
            # EOF
            """);
  }

  @Test
  void aNameThatEndsInTotalIsNotExtended() {
    assertThat(MetricsHelp.FORMAT.of(Map.of("bytes_rx_ratelimited_total", 1L)))
        .contains("\nrelayserver_bytes_rx_ratelimited_total 1\n")
        .contains("# TYPE relayserver_bytes_rx_ratelimited counter")
        .doesNotContain("total_total");
  }

  @Test
  void whatGoesDownAgainIsAGauge() {
    assertThat(MetricsHelp.FORMAT.of(Map.of("clients", 3L)))
        .contains("# TYPE relayserver_clients gauge\nrelayserver_clients 3\n");
  }

  @Test
  void theGroupOfStunKeepsItsName() {
    assertThat(MetricsHelp.FORMAT.of(Map.of("stun_requests", 2L)))
        .contains("\nstun_requests_total 2\n");
  }

  @Test
  void aPrefixIsNotDoubledAndNamesAreSorted() {
    String text = MetricsHelp.FORMAT.of(Map.of("relayserver_b", 1L, "relayserver_a", 2L));
    assertThat(text).containsSubsequence("relayserver_a_total 2", "relayserver_b_total 1", "# EOF");
    assertThat(text).endsWith("# EOF\n").doesNotContain("relayserver_relayserver");
  }
}
