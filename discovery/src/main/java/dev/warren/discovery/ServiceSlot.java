package dev.warren.discovery;

import dev.warren.discovery.DiscoveryCounters.Counter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One service among others: every call to it runs on a thread of the executor and cannot throw or
 * block anybody else. What is published waits while the service is busy with what came before; only
 * the newest counts. Any thread.
 */
final class ServiceSlot {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceSlot.class);

  private final Discovery service;
  private final String name;
  private final Executor executor;
  private final DiscoveryCounters counters;
  private final AtomicBoolean complained = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private @Nullable EndpointData pending;
  private boolean publishing;
  private boolean closing;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  ServiceSlot(Discovery service, Executor executor, DiscoveryCounters counters) {
    this.service = service;
    this.name = nameOf(service);
    this.executor = executor;
    this.counters = counters;
  }

  private static String nameOf(Discovery service) {
    try {
      String name = service.name();
      return name == null ? service.getClass().getSimpleName() : name;
    } catch (RuntimeException e) {
      return service.getClass().getSimpleName();
    }
  }

  Discovery service() {
    return service;
  }

  String name() {
    return name;
  }

  boolean open() {
    lock.lock();
    try {
      return !closing;
    } finally {
      lock.unlock();
    }
  }

  boolean resolves() {
    try {
      return service.resolves();
    } catch (RuntimeException | Error e) {
      thrown("resolves", e);
      return true;
    }
  }

  Map<String, Long> metrics() {
    try {
      Map<String, Long> values = service.metrics();
      return values == null ? Map.of() : values;
    } catch (RuntimeException | Error e) {
      thrown("metrics", e);
      return Map.of();
    }
  }

  /** Calls the service on a thread of its own; {@code onThrow} hears of what it throws. */
  void run(Consumer<Discovery> call, Consumer<Throwable> onThrow) {
    try {
      executor.execute(
          () -> {
            try {
              call.accept(service);
            } catch (RuntimeException | Error e) {
              thrown("call", e);
              onThrow.accept(e);
            }
          });
    } catch (RuntimeException executorIsGone) {
      onThrow.accept(executorIsGone);
    }
  }

  private void thrown(String what, Throwable e) {
    counters.count(Counter.SERVICE_ERRORS);
    if (complained.compareAndSet(false, true)) {
      LOG.warn("discovery service {} threw ({}); it stays: {}", name, what, e.toString());
    } else {
      LOG.debug("discovery service {} threw ({})", name, what, e);
    }
  }

  // ---- publishing ----

  void publish(EndpointData data) {
    lock.lock();
    try {
      pending = data;
      if (publishing || closing) {
        return;
      }
      publishing = true;
    } finally {
      lock.unlock();
    }
    run(s -> publishPending(), failure -> notPublishing());
  }

  private void publishPending() {
    for (EndpointData next = next(); next != null; next = next()) {
      counters.count(Counter.PUBLISHES);
      try {
        service.publish(next);
      } catch (RuntimeException | Error e) {
        thrown("publish", e);
      }
    }
  }

  private @Nullable EndpointData next() {
    lock.lock();
    try {
      EndpointData next = closing ? null : pending;
      pending = null;
      publishing = next != null;
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void notPublishing() {
    lock.lock();
    publishing = false;
    lock.unlock();
  }

  // ---- end ----

  /** Completes when the service has returned from its close. Idempotent. */
  CompletableFuture<Void> close() {
    lock.lock();
    try {
      if (closing) {
        return closed;
      }
      closing = true;
    } finally {
      lock.unlock();
    }
    run(
        s -> {
          s.close();
          closed.complete(null);
        },
        failure -> closed.complete(null));
    return closed;
  }
}
