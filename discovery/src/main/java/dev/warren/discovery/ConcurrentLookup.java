package dev.warren.discovery;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.discovery.DiscoveryCounters.Counter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All services of an endpoint as one: publishes by each, asks all at once.
 *
 * <ul>
 *   <li>Each service is called on threads of the executor, so that one that throws or blocks, which
 *       it must not, holds up nobody else.
 *   <li>What is published passes the filter once and is remembered: a service that is added later
 *       gets it at once.
 *   <li>A lookup uses each answer as it comes, and goes on until every service has ended; see
 *       {@link Lookup} for its bounds.
 * </ul>
 *
 * Services may be added and removed at any time. Any thread.
 */
public final class ConcurrentLookup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConcurrentLookup.class);

  /** How long {@link #close} waits; a service has a second. */
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(1500);

  private final Executor executor;
  private final ScheduledExecutorService timers;
  private final AddrFilter filter;
  private final LongSupplier clock;
  private final DiscoveryCounters counters = new DiscoveryCounters();
  private final List<ServiceSlot> services = new CopyOnWriteArrayList<>();
  private final Set<Lookup> running = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private @Nullable EndpointData published;
  private boolean closed;

  /**
   * @param executor runs the services' calls; a thread that is busy with one must not keep others
   *     waiting
   * @param timers ends what takes too long; nobody blocks it. Both belong to the caller
   * @param filter what of our addresses any service gets to see
   */
  public ConcurrentLookup(Executor executor, ScheduledExecutorService timers, AddrFilter filter) {
    this(executor, timers, filter, System::nanoTime);
  }

  ConcurrentLookup(
      Executor executor, ScheduledExecutorService timers, AddrFilter filter, LongSupplier clock) {
    this.executor = executor;
    this.timers = timers;
    this.filter = filter;
    this.clock = clock;
  }

  // ---- services ----

  /**
   * Adds a service, which is closed with this, or by {@link #remove}; at once if this is closed.
   */
  public void add(Discovery service) {
    ServiceSlot slot = new ServiceSlot(Objects.requireNonNull(service), executor, counters);
    boolean late;
    lock.lock();
    try {
      late = closed;
      if (!late) {
        services.add(slot);
        if (published != null) {
          slot.publish(published);
        }
      }
    } finally {
      lock.unlock();
    }
    if (late) {
      slot.close();
    }
  }

  /** Takes a service out and closes it; false if it is not there. */
  public boolean remove(Discovery service) {
    for (ServiceSlot slot : services) {
      if (slot.service() == service && services.remove(slot)) {
        slot.close();
        return true;
      }
    }
    return false;
  }

  public List<Discovery> services() {
    return services.stream().map(ServiceSlot::service).toList();
  }

  /** Whether any service may find something. */
  public boolean resolves() {
    return services.stream().anyMatch(ServiceSlot::resolves);
  }

  // ---- publishing ----

  /**
   * Hands every service what the filter leaves of {@code self}. Nothing happens if that is what was
   * published last, or if there is nothing to say.
   */
  public void publish(EndpointData self) {
    EndpointData filtered;
    try {
      filtered = filter.apply(self);
    } catch (RuntimeException e) {
      counters.count(Counter.SERVICE_ERRORS);
      LOG.warn("the filter of what is published threw, nothing is: {}", e.toString());
      return;
    }
    lock.lock();
    try {
      if (closed || filtered.isEmpty() || filtered.equals(published)) {
        return;
      }
      published = filtered;
      services.forEach(slot -> slot.publish(filtered));
    } finally {
      lock.unlock();
    }
  }

  /** What was published last, if anything was. */
  public Optional<EndpointData> published() {
    lock.lock();
    try {
      return Optional.ofNullable(published);
    } finally {
      lock.unlock();
    }
  }

  // ---- lookups ----

  /** Asks every service where a node is. Without any the sink hears of that failure at once. */
  public Lookup resolve(NodeId id, ResolveSink sink) {
    Lookup lookup = new Lookup(id, sink, counters, clock);
    counters.count(Counter.LOOKUPS);
    running.add(lookup);
    List<ServiceSlot> asked =
        services.stream().filter(ServiceSlot::resolves).filter(ServiceSlot::open).toList();
    Alarm alarm = new Alarm(lookup);
    lookup.start(
        asked,
        () -> {
          running.remove(lookup);
          alarm.cancel();
        });
    alarm.set();
    return lookup;
  }

  /** Wakes a lookup when a service in it is overdue. */
  private final class Alarm {
    private final Lookup lookup;
    private volatile @Nullable Future<?> timer;

    Alarm(Lookup lookup) {
      this.lookup = lookup;
    }

    void set() {
      lookup.deadline().ifPresent(this::set);
    }

    private void set(long at) {
      try {
        timer =
            timers.schedule(this::ring, Math.max(1, at - clock.getAsLong()), TimeUnit.NANOSECONDS);
        if (lookup.isOver()) {
          cancel();
        }
      } catch (RejectedExecutionException closing) {
        lookup.close();
      }
    }

    private void ring() {
      lookup.onTimer(clock.getAsLong());
      set();
    }

    void cancel() {
      Future<?> set = timer;
      if (set != null) {
        set.cancel(false);
      }
    }
  }

  /** Hears of nodes that services see unasked; see {@link Discovery#subscribe}. */
  public Subscription subscribe(Consumer<? super DiscoveryEvent> listener) {
    List<Subscription> all = new CopyOnWriteArrayList<>();
    for (ServiceSlot slot : services) {
      try {
        all.add(slot.service().subscribe(listener));
      } catch (RuntimeException | Error e) {
        counters.count(Counter.SERVICE_ERRORS);
        LOG.debug("subscribing to {}", slot.name(), e);
      }
    }
    return () -> all.forEach(Subscription::close);
  }

  /** Tells every service that the host's network changed. */
  public void networkChanged() {
    services.forEach(slot -> slot.run(Discovery::networkChanged, failure -> {}));
  }

  // ---- figures ----

  public DiscoveryCounters counters() {
    return counters;
  }

  /** The services' own counters, as {@code service.counter}; those of one name are added up. */
  public Map<String, Long> serviceMetrics() {
    Map<String, Long> all = new TreeMap<>();
    for (ServiceSlot slot : services) {
      slot.metrics().forEach((name, n) -> all.merge(slot.name() + "." + name, n, Long::sum));
    }
    return all;
  }

  // ---- end ----

  /**
   * Ends all lookups, whose sinks hear nothing more, and closes the services; completes when every
   * one has returned from its close, which may be never. Idempotent.
   */
  public CompletableFuture<Void> closeAsync() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    running.forEach(Lookup::close);
    return CompletableFuture.allOf(
        services.stream().map(ServiceSlot::close).toArray(CompletableFuture[]::new));
  }

  /** As {@link #closeAsync}, waiting for 1.5 s at most. */
  @Override
  public void close() {
    try {
      closeAsync().get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("a discovery service did not close in time: {}", unclosed());
    }
  }

  /** The names of services that have not returned from their close, once this is closed. */
  public List<String> unclosed() {
    return services.stream().filter(slot -> !slot.close().isDone()).map(ServiceSlot::name).toList();
  }
}
