package dev.warren.discovery;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.DiscoveryCounters.Counter;
import dev.warren.discovery.LookupOutcome.State;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One service's part in a {@link Lookup}: the sink that it gets. It trusts the service with
 * nothing: what is null, of another node, too much, said before or said after the end is dropped
 * and counted.
 *
 * <pre>
 * LOOKING --done--> DONE     LOOKING --failed, throws--> FAILED     LOOKING --30 s--> OVERDUE
 * </pre>
 *
 * The sink's methods for any thread, the others under the lookup's lock but for {@link #start} and
 * {@link #stop}.
 */
final class ServiceLookup implements ResolveSink {
  private static final Subscription STOPPED = () -> {};

  private final Lookup lookup;
  private final ServiceSlot slot;
  private final NodeId id;
  private final long begun;
  private final AtomicInteger heard = new AtomicInteger();
  private final AtomicReference<@Nullable Subscription> running = new AtomicReference<>();

  /** Ahead of the state, so that who shouts after the end does not even get to the lock. */
  private final AtomicBoolean deaf = new AtomicBoolean();

  // Under the lookup's lock.
  private State state = State.LOOKING;
  private long ended;
  private @Nullable Throwable cause;
  private final Set<TransportAddr> addresses = new HashSet<>();
  private @Nullable String userData;
  private @Nullable Instant newest;

  ServiceLookup(Lookup lookup, ServiceSlot slot, NodeId id, long now) {
    this.lookup = lookup;
    this.slot = slot;
    this.id = id;
    this.begun = now;
  }

  /** Asks the service, on a thread of its own. */
  void start() {
    slot.run(
        service -> {
          Subscription made = service.resolve(id, this);
          if (made != null && !running.compareAndSet(null, made)) {
            made.close(); // it was stopped meanwhile
          }
        },
        this::failed);
  }

  /** The service need not look any more. */
  void stop() {
    deaf.set(true);
    Subscription made = running.getAndSet(STOPPED);
    if (made != null && made != STOPPED) {
      slot.run(service -> made.close(), failure -> {});
    }
  }

  // ---- what the service says ----

  @Override
  public void found(DiscoveryItem item) {
    if (deaf.get()) {
      lookup.counters().count(Counter.FINDINGS_LATE);
    } else if (item == null || item.data() == null || !id.equals(item.id())) {
      lookup.counters().count(Counter.FINDINGS_WRONG);
    } else if (heard.incrementAndGet() > Lookup.MAX_ITEMS) {
      heard.decrementAndGet();
      lookup.counters().count(Counter.FINDINGS_TOO_MANY);
    } else {
      lookup.update(() -> take(item));
    }
  }

  private void take(DiscoveryItem item) {
    if (ended()) {
      return;
    }
    EndpointData data = item.data();
    boolean news = addresses.isEmpty() && !data.isEmpty();
    List<TransportAddr> some = data.addrs();
    if (some.size() > Lookup.MAX_ADDRESSES) {
      lookup.counters().count(Counter.FINDINGS_TOO_MANY);
      some = some.subList(0, Lookup.MAX_ADDRESSES);
    }
    for (TransportAddr address : some) {
      if (addresses.contains(address)) {
        continue;
      }
      if (addresses.size() >= Lookup.MAX_ADDRESSES) {
        lookup.counters().count(Counter.FINDINGS_TOO_MANY);
        break;
      }
      addresses.add(address);
      news = true;
    }
    String said = data.userData().orElse(null);
    news |= said != null && !said.equals(userData);
    Instant updated = item.lastUpdated() == null ? null : item.lastUpdated().orElse(null);
    news |= updated != null && (newest == null || updated.isAfter(newest));
    if (!news) {
      lookup.counters().count(Counter.FINDINGS_REPEATED);
      return;
    }
    userData = said == null ? userData : said;
    newest = updated == null ? newest : updated;
    lookup.emit(
        new DiscoveryItem(
            id,
            new EndpointData(some.stream().filter(addresses::contains).toList(), data.userData()),
            item.provenance() == null ? slot.name() : item.provenance(),
            Optional.ofNullable(updated)));
  }

  @Override
  public void done() {
    end(State.DONE, null);
  }

  @Override
  public void failed(Throwable failure) {
    end(State.FAILED, failure == null ? new NullPointerException("no cause was given") : failure);
  }

  private void end(State how, @Nullable Throwable why) {
    if (!deaf.get()) {
      long now = lookup.clock().getAsLong();
      lookup.update(() -> become(how, why, now));
    }
  }

  private void become(State how, @Nullable Throwable why, long now) {
    if (ended()) {
      return;
    }
    deaf.set(true);
    state = how;
    cause = why;
    ended = now;
    if (how != State.DONE) {
      lookup.counters().count(Counter.SERVICE_FAILURES);
    }
  }

  // ---- under the lookup's lock ----

  boolean ended() {
    return state != State.LOOKING;
  }

  boolean endedBefore(long time) {
    return ended() && ended - time < 0;
  }

  long deadline() {
    return begun + Lookup.LIMIT.toNanos();
  }

  void expire(long now) {
    if (!ended() && now - deadline() >= 0) {
      become(State.OVERDUE, null, now);
      stop();
    }
  }

  LookupOutcome outcome(long now) {
    return new LookupOutcome(
        slot.name(),
        state,
        addresses.size(),
        Duration.ofNanos((ended() ? ended : now) - begun),
        Optional.ofNullable(cause));
  }
}
