package dev.warren.dns.server.store;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes packets from a {@link PacketStore} whose author signed them too long ago, in steps with
 * room for other requests between them. A packet dated in the future stays until that date and the
 * age beyond it.
 */
public final class Eviction implements AutoCloseable {
  /** The age limit by default: iroh-dns-server's (dns-server section 3.1). */
  public static final Duration DEFAULT_AGE = Duration.ofDays(7);

  /** The pause between sweeps by default: iroh-dns-server's (dns-server section 3.1). */
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);

  /** Entries of one step: a few milliseconds of the store's writer. */
  static final int STEP = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);

  private final PacketStore store;
  private final Duration age;
  private final Duration interval;
  private final Clock clock;
  private final ScheduledExecutorService scheduler;

  private Eviction(PacketStore store, Duration age, Duration interval, Clock clock) {
    this.store = store;
    this.age = age;
    this.interval = interval;
    this.clock = clock;
    ScheduledThreadPoolExecutor one =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "warren-dns-eviction");
              thread.setDaemon(true);
              return thread;
            });
    one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.scheduler = one;
  }

  /**
   * Sweeps {@code store} until closed, first after {@code interval}.
   *
   * @param age how old a packet may become, by its own timestamp
   * @param interval the pause after a sweep
   */
  public static Eviction start(PacketStore store, Duration age, Duration interval) {
    Eviction eviction = new Eviction(store, age, interval, Clock.systemUTC());
    eviction.schedule(interval);
    return eviction;
  }

  private void schedule(Duration delay) {
    try {
      scheduler.schedule(this::sweep, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("eviction ends: it was closed");
    }
  }

  private void sweep() {
    long before = TimeUnit.MILLISECONDS.toMicros(clock.millis() - age.toMillis());
    if (before <= 0) {
      // Nothing can be as old as that; and unsigned, a negative time is one far ahead.
      schedule(interval);
      return;
    }
    store.evict(before, STEP).whenComplete(this::stepDone);
  }

  private void stepDone(Integer looked, Throwable failure) {
    if (failure != null) {
      LOG.debug("a step of eviction failed; the next sweep tries again", failure);
    }
    schedule(failure == null && looked >= STEP ? Duration.ZERO : interval);
  }

  /** Starts no further step. Does not wait for one that is under way. */
  @Override
  public void close() {
    scheduler.shutdown();
  }
}
