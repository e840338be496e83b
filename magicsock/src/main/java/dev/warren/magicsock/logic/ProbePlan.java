package dev.warren.magicsock.logic;

import dev.warren.base.RelayUrl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * When which relay is probed in one report (net-report sections 2.2 and 2.3, with HTTPS as the only
 * kind). The attempts at one relay are retries: the first answer ends them. Stateless.
 */
public final class ProbePlan {
  private static final long MS = 1_000_000L;

  /** A report without anything to go by asks each relay this often, so far apart. */
  static final int FIRST_ATTEMPTS = 3;

  static final long FIRST_EVERY = 100 * MS;

  /** Later the nearest few are asked; who is nearer than they are shows in the next full report. */
  static final int NEAREST = 3;

  static final int HOME_ATTEMPTS = 4;

  /**
   * Between attempts at one relay: the four round trips that a probe takes (TCP, TLS, request), a
   * fifth more, and this much for the machines. TCP repeats what is lost within the connection, so
   * that a second attempt helps only where the first one's beginning was lost; sooner ones would
   * cost a TLS handshake each time. Ours; the plan of the spec is one for datagrams.
   */
  static final long EXTRA = 200 * MS;

  static final int ROUND_TRIPS = 4;
  static final long UNKNOWN = 200 * MS;

  /** One probe, this long after the report began. */
  public record Attempt(RelayUrl relay, long at) {}

  private ProbePlan() {}

  /** Every relay. */
  public static List<Attempt> full(Collection<RelayUrl> relays) {
    List<Attempt> plan = new ArrayList<>();
    for (int i = 0; i < FIRST_ATTEMPTS; i++) {
      for (RelayUrl url : relays) {
        plan.add(new Attempt(url, i * FIRST_EVERY));
      }
    }
    return plan;
  }

  /** The nearest relays of the last report, and home, which is asked most insistently. */
  public static List<Attempt> incremental(
      Collection<RelayUrl> relays, RelayLatencies latencies, @Nullable RelayUrl home) {
    List<RelayUrl> nearest = new ArrayList<>(relays);
    nearest.sort(Comparator.comparingLong(url -> latencies.latest(url).orElse(Long.MAX_VALUE)));
    List<Attempt> plan = new ArrayList<>();
    for (int i = 0; i < nearest.size(); i++) {
      RelayUrl url = nearest.get(i);
      boolean isHome = url.equals(home);
      if (i >= NEAREST && !isHome) {
        continue;
      }
      OptionalLong last = latencies.latest(url);
      long wait = last.isPresent() ? last.getAsLong() * ROUND_TRIPS * 6 / 5 : UNKNOWN;
      int attempts = isHome ? HOME_ATTEMPTS : i < 2 ? 2 : 1;
      for (int a = 0; a < attempts; a++) {
        plan.add(new Attempt(url, a * (wait + EXTRA)));
      }
    }
    plan.sort(Comparator.comparingLong(Attempt::at));
    return plan;
  }
}
