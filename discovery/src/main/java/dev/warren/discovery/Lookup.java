package dev.warren.discovery;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One search for one node by all services at once. Findings go to the sink as they come, one at a
 * time, and are followed by one end: {@link ResolveSink#done} if there was any, else {@link
 * ResolveSink#failed} with a {@link LookupException}. Any thread.
 */
public final class Lookup implements Subscription {
  /**
   * The longest that a service is listened to: DNS takes six seconds, the local network ten
   * (discovery section 2.5), a DHT may take longer than that.
   */
  public static final Duration LIMIT = Duration.ofSeconds(30);

  /** Findings of one service that are looked at in one lookup. */
  public static final int MAX_ITEMS = 64;

  /** Addresses of one finding, and different ones of one service, that are looked at. */
  public static final int MAX_ADDRESSES = 64;

  /** A service that ended this long ago may know more when it is asked {@link #again}. */
  static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

  private final NodeId id;
  private final ResolveSink sink;
  private final DiscoveryCounters counters;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private final List<Part> parts = new ArrayList<>();
  private final ArrayDeque<Runnable> signals = new ArrayDeque<>();
  private boolean delivering;
  private boolean ended;
  private boolean found;
  private @Nullable Runnable onEnd;

  /** One service's part in it, until it is asked again. */
  private record Part(ServiceSlot slot, ServiceLookup lookup) {}

  Lookup(NodeId id, ResolveSink sink, DiscoveryCounters counters, LongSupplier clock) {
    this.id = id;
    this.sink = sink;
    this.counters = counters;
    this.clock = clock;
  }

  /** Asks all; {@code onEnd} hears of the end, however it came. */
  void start(List<ServiceSlot> services, Runnable onEnd) {
    List<ServiceLookup> asked = new ArrayList<>();
    lock.lock();
    try {
      this.onEnd = onEnd;
      for (ServiceSlot slot : services) {
        asked.add(part(slot));
      }
      endIfOver();
    } finally {
      lock.unlock();
    }
    deliver();
    asked.forEach(ServiceLookup::start);
  }

  private ServiceLookup part(ServiceSlot slot) {
    ServiceLookup lookup = new ServiceLookup(this, slot, id, clock.getAsLong());
    parts.add(new Part(slot, lookup));
    return lookup;
  }

  /**
   * Somebody else needs the node: the services that ended more than a second ago are asked once
   * more, so that what has changed meanwhile is heard of. False if the lookup is over.
   */
  public boolean again() {
    List<ServiceLookup> asked = new ArrayList<>();
    lock.lock();
    try {
      if (ended) {
        return false;
      }
      long now = clock.getAsLong();
      for (Part part : List.copyOf(parts)) {
        if (part.lookup.endedBefore(now - AGAIN_AFTER.toNanos()) && part.slot.open()) {
          parts.remove(part);
          asked.add(part(part.slot));
        }
      }
    } finally {
      lock.unlock();
    }
    asked.forEach(ServiceLookup::start);
    return true;
  }

  public NodeId id() {
    return id;
  }

  public boolean isOver() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** What each service has done so far. */
  public List<LookupOutcome> outcomes() {
    lock.lock();
    try {
      long now = clock.getAsLong();
      return parts.stream().map(p -> p.lookup.outcome(now)).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The same in one line, for an error message. */
  public String describe() {
    List<LookupOutcome> outcomes = outcomes();
    return outcomes.isEmpty() ? "no discovery service is configured" : LookupOutcome.list(outcomes);
  }

  // ---- what the services say ----

  /** Runs {@code change} alone, then tells the sink what follows from it. */
  void update(Runnable change) {
    lock.lock();
    try {
      if (!ended) {
        change.run();
        endIfOver();
      }
    } finally {
      lock.unlock();
    }
    deliver();
  }

  /** Within {@link #update}. */
  void emit(DiscoveryItem item) {
    found = true;
    counters.count(DiscoveryCounters.Counter.FINDINGS);
    signals.add(() -> sink.found(item));
  }

  DiscoveryCounters counters() {
    return counters;
  }

  LongSupplier clock() {
    return clock;
  }

  /** Within the lock. */
  private void endIfOver() {
    if (ended || parts.stream().anyMatch(p -> !p.lookup.ended())) {
      return;
    }
    end();
    if (found) {
      counters.count(DiscoveryCounters.Counter.LOOKUPS_FOUND);
      signals.add(sink::done);
    } else {
      counters.count(DiscoveryCounters.Counter.LOOKUPS_FAILED);
      LookupException failure = new LookupException(id, outcomes());
      signals.add(() -> sink.failed(failure));
    }
  }

  private void end() {
    ended = true;
    Optional.ofNullable(onEnd).ifPresent(signals::add);
  }

  /** One thread at a time tells the sink, without the lock: it may call back. */
  private void deliver() {
    for (; ; ) {
      Runnable signal;
      lock.lock();
      try {
        if (signals.isEmpty() || delivering) {
          return;
        }
        delivering = true;
        signal = signals.poll();
      } finally {
        lock.unlock();
      }
      try {
        signal.run();
      } catch (RuntimeException | Error e) {
        counters.count(DiscoveryCounters.Counter.SERVICE_ERRORS);
      } finally {
        lock.lock();
        delivering = false;
        lock.unlock();
      }
    }
  }

  // ---- time and end ----

  /** When {@link #onTimer} has something to do; empty if the lookup is over. */
  Optional<Long> deadline() {
    lock.lock();
    try {
      Long earliest = null;
      for (Part part : parts) {
        if (!part.lookup.ended()) {
          long at = part.lookup.deadline();
          earliest = earliest == null || at - earliest < 0 ? at : earliest;
        }
      }
      return ended ? Optional.empty() : Optional.ofNullable(earliest);
    } finally {
      lock.unlock();
    }
  }

  /** Gives up the services that are overdue. */
  void onTimer(long now) {
    update(() -> parts.forEach(p -> p.lookup.expire(now)));
  }

  /** Ends it early: the sink hears nothing more, the services stop. Idempotent. */
  @Override
  public void close() {
    List<ServiceLookup> stopped = new ArrayList<>();
    lock.lock();
    try {
      if (ended) {
        return;
      }
      signals.clear();
      end();
      parts.forEach(p -> stopped.add(p.lookup));
    } finally {
      lock.unlock();
    }
    deliver();
    stopped.forEach(ServiceLookup::stop);
  }
}
