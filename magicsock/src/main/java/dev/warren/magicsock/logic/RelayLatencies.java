package dev.warren.magicsock.logic;

import dev.warren.base.RelayUrl;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far the relays were in the reports of the last five minutes, and which of them that makes the
 * preferred one (net-report section 4). Times are nanoseconds of one clock. Not thread-safe.
 */
public final class RelayLatencies {
  /** Reports older than this say nothing any more (net-report section 1.2). */
  static final long HISTORY = Duration.ofMinutes(5).toNanos();

  private record Report(long at, Map<RelayUrl, Long> latencies) {}

  private final ArrayDeque<Report> reports = new ArrayDeque<>();

  /** A report is complete: the round trip to each relay that answered, nanoseconds. */
  public void add(Map<RelayUrl, Long> latencies, long now) {
    reports.removeIf(r -> now - r.at > HISTORY);
    reports.addLast(new Report(now, Map.copyOf(latencies)));
  }

  /** The network is another: what was measured on the old one says nothing. */
  public void forget() {
    reports.clear();
  }

  /** The round trip in the newest report, nanoseconds; empty if the relay did not answer. */
  public OptionalLong latest(RelayUrl url) {
    Report newest = reports.peekLast();
    Long latency = newest == null ? null : newest.latencies.get(url);
    return latency == null ? OptionalLong.empty() : OptionalLong.of(latency);
  }

  /** The shortest round trip in the reports that are remembered, nanoseconds. */
  public OptionalLong best(RelayUrl url) {
    long best = Long.MAX_VALUE;
    for (Report report : reports) {
      best = Math.min(best, report.latencies.getOrDefault(url, Long.MAX_VALUE));
    }
    return best == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(best);
  }

  /**
   * The relay to be home: of those that answered last, the one whose best of five minutes is the
   * shortest, the first of equals. But {@code home} stays if it answered too, unless the other's
   * best is at most two thirds of its latest: a relay that is a little nearer is not worth a move.
   * Empty if none answered.
   *
   * @param relays those that may be chosen, in the order of preference
   */
  public Optional<RelayUrl> preferred(Collection<RelayUrl> relays, @Nullable RelayUrl home) {
    RelayUrl nearest = null;
    for (RelayUrl url : relays) {
      if (latest(url).isPresent()
          && (nearest == null || best(url).getAsLong() < best(nearest).getAsLong())) {
        nearest = url;
      }
    }
    if (nearest != null && home != null && relays.contains(home)) {
      OptionalLong stay = latest(home);
      if (stay.isPresent() && best(nearest).getAsLong() > stay.getAsLong() / 3 * 2) {
        return Optional.of(home);
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** Whether nothing was measured yet on this network. */
  public boolean isEmpty() {
    return reports.isEmpty();
  }

  /** Reports that are remembered. */
  int size() {
    return reports.size();
  }
}
