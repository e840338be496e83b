package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.Relays.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When relays are probed (net-report sections 2 and 11.2). */
class ProbePlanTest {
  private static final long MS = 1_000_000;

  private static List<Long> of(RelayUrl url, List<ProbePlan.Attempt> plan) {
    return plan.stream().filter(a -> a.relay().equals(url)).map(a -> a.at() / MS).toList();
  }

  @Test
  void aFullReportAsksEachRelayThreeTimes() {
    List<ProbePlan.Attempt> plan = ProbePlan.full(List.of(url(1), url(2)));
    assertThat(plan).hasSize(6);
    assertThat(of(url(1), plan)).containsExactly(0L, 100L, 200L);
    assertThat(of(url(2), plan)).containsExactly(0L, 100L, 200L);
  }

  @Test
  void anIncrementalOneAsksTheNearestAndHomeMostOften() {
    RelayLatencies latencies = new RelayLatencies();
    latencies.add(
        Map.of(url(1), 100 * MS, url(2), 200 * MS, url(3), 300 * MS, url(4), 400 * MS), 0);
    List<ProbePlan.Attempt> plan =
        ProbePlan.incremental(List.of(url(4), url(3), url(2), url(1), url(5)), latencies, url(1));
    assertThat(of(url(1), plan)).containsExactly(0L, 680L, 1360L, 2040L);
    assertThat(of(url(2), plan)).containsExactly(0L, 1160L);
    assertThat(of(url(3), plan)).containsExactly(0L);
    assertThat(of(url(4), plan)).as("too far").isEmpty();
    assertThat(of(url(5), plan)).as("did not answer").isEmpty();
  }

  @Test
  void homeIsAskedHoweverFarItIs() {
    RelayLatencies latencies = new RelayLatencies();
    latencies.add(Map.of(url(1), MS, url(2), MS, url(3), MS), 0);
    List<ProbePlan.Attempt> plan =
        ProbePlan.incremental(List.of(url(1), url(2), url(3), url(4)), latencies, url(4));
    assertThat(of(url(4), plan)).containsExactly(0L, 400L, 800L, 1200L);
  }
}
