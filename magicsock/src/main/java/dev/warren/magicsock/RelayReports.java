package dev.warren.magicsock;

import dev.warren.base.RelayUrl;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.HomeRelay;
import dev.warren.magicsock.logic.ProbePlan;
import dev.warren.relay.client.RelayProbe;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the distance to our relays, for {@link HomeRelay}: at once when asked, and every five
 * minutes; one report at a time. In between, 20 to 26 s apart (net-report section 1.1), it looks at
 * the round trip that home's connection has measured by itself, and asks the others only if that is
 * long enough for a move, or unknown: each probe is a TLS handshake, of which an endpoint that has
 * nothing to do cannot afford one for each relay every 23 s (measured: 0.4 % of a core with three).
 * Socket loop only.
 */
final class RelayReports {
  private static final Logger LOG = LoggerFactory.getLogger(RelayReports.class);

  /** What has not answered by then is not near (net-report section 1.2). */
  static final Duration LIMIT = Duration.ofSeconds(3);

  private static final long FULL_EVERY = Duration.ofMinutes(5).toNanos();

  /** However far home seems: a single ping may have waited behind data. */
  private static final long FULL_LEAST = Duration.ofMinutes(1).toNanos();

  private static final long PAUSE_MIN_MS = 20_000;
  private static final long PAUSE_SPREAD_MS = 6_000;

  private final EventLoop loop;
  private final @Nullable RelayProbe probe;
  private final HomeRelay home;
  private final Supplier<OptionalLong> homeRtt;
  private final MagicSocketMetrics metrics;
  private final Runnable afterEvent;

  private @Nullable Run running;
  private @Nullable Future<?> next;
  private boolean again;
  private long lastFull;
  private boolean full = true;
  private boolean closed;

  /**
   * Without a {@code probe} nothing is measured, and every report is empty at once. {@code homeRtt}
   * is what home's connection has measured, nanoseconds, if it is connected. {@code afterEvent}
   * runs after each fact that {@code home} was told.
   */
  RelayReports(
      EventLoop loop,
      @Nullable RelayProbe probe,
      HomeRelay home,
      Supplier<OptionalLong> homeRtt,
      MagicSocketMetrics metrics,
      Runnable afterEvent) {
    this.loop = loop;
    this.probe = probe;
    this.home = home;
    this.homeRtt = homeRtt;
    this.metrics = metrics;
    this.afterEvent = afterEvent;
  }

  /** A report is wanted at once, or after the one that is under way. */
  void request(boolean ofAllRelays) {
    full |= ofAllRelays;
    if (closed || running != null) {
      again = true;
      return;
    }
    cancelNext();
    if (home.relays().size() < 2) {
      // Nothing to choose from: asked again when a relay is added.
      return;
    }
    if (probe == null) {
      loop.execute(
          () -> {
            home.onReport(Map.of(), System.nanoTime());
            afterEvent.run();
          });
      return;
    }
    long now = System.nanoTime();
    full |= now - lastFull > FULL_EVERY;
    OptionalLong rtt = homeRtt.get();
    if (!full && rtt.isPresent()) {
      if (now - lastFull < FULL_LEAST || !home.isFar(rtt.getAsLong(), now)) {
        scheduleNext();
        return;
      }
      full = true;
    }
    List<ProbePlan.Attempt> plan =
        full
            ? ProbePlan.full(home.relays())
            : ProbePlan.incremental(home.relays(), home.latencies(), home.home().orElse(null));
    if (full) {
      lastFull = now;
      full = false;
    }
    running = new Run(plan, home.latencies().isEmpty());
    metrics.count(Counter.RELAY_REPORTS);
    running.start();
  }

  private void scheduleNext() {
    // So that endpoints do not report in step.
    long pause = PAUSE_MIN_MS + ThreadLocalRandom.current().nextLong(PAUSE_SPREAD_MS);
    next = later(() -> request(false), pause * 1_000_000);
  }

  private void cancelNext() {
    if (next != null) {
      next.cancel(false);
      next = null;
    }
  }

  private void done(Run run) {
    if (running != run || closed) {
      return;
    }
    running = null;
    home.onReport(run.latencies, System.nanoTime());
    afterEvent.run();
    if (again) {
      again = false;
      request(false);
    } else {
      scheduleNext();
    }
  }

  private @Nullable Future<?> later(Runnable task, long nanos) {
    try {
      return loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException loopIsGone) {
      return null;
    }
  }

  void close() {
    closed = true;
    cancelNext();
    if (running != null) {
      running.end();
    }
  }

  /** One report. */
  private final class Run {
    private final Map<RelayUrl, Long> latencies = new HashMap<>();
    private final List<CompletableFuture<Duration>> probes = new ArrayList<>();
    private final List<Future<?>> timers = new ArrayList<>();
    private final List<ProbePlan.Attempt> plan;
    private final Map<RelayUrl, Integer> waiting = new HashMap<>();
    private final boolean every;
    private boolean ended;

    /** {@code every}: each attempt is made and the shortest counts; else the first answer does. */
    Run(List<ProbePlan.Attempt> plan, boolean every) {
      this.plan = plan;
      this.every = every;
      plan.forEach(a -> waiting.merge(a.relay(), 1, Integer::sum));
    }

    void start() {
      for (ProbePlan.Attempt attempt : plan) {
        if (attempt.at() == 0) {
          probe(attempt.relay());
        } else {
          timers.add(later(() -> probe(attempt.relay()), attempt.at()));
        }
      }
      timers.add(later(this::complete, LIMIT.toNanos()));
    }

    private void probe(RelayUrl url) {
      if (ended || !waiting.containsKey(url)) {
        return;
      }
      metrics.count(Counter.RELAY_PROBES);
      CompletableFuture<Duration> probing = Objects.requireNonNull(probe).measure(url, LIMIT);
      probes.add(probing);
      probing.whenComplete((rtt, failure) -> loop.execute(() -> answered(url, rtt, failure)));
    }

    private void answered(RelayUrl url, @Nullable Duration rtt, @Nullable Throwable failure) {
      if (ended) {
        return;
      }
      if (rtt != null) {
        latencies.merge(url, rtt.toNanos(), Math::min);
        if (!every) {
          waiting.remove(url);
        }
        home.onAnswer(url, System.nanoTime());
        afterEvent.run();
      } else {
        LOG.debug("relay {}: {}", url, String.valueOf(failure));
      }
      waiting.computeIfPresent(url, (u, n) -> n > 1 ? n - 1 : null);
      if (waiting.isEmpty()) {
        complete();
      }
    }

    private void complete() {
      if (!ended) {
        end();
        done(this);
      }
    }

    void end() {
      ended = true;
      timers.forEach(
          t -> {
            if (t != null) {
              t.cancel(false);
            }
          });
      probes.forEach(p -> p.cancel(false));
    }
  }
}
