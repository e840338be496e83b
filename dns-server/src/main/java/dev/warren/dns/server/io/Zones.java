package dev.warren.dns.server.io;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.fallback.Fallback;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.logic.KeyZone;
import dev.warren.dns.server.logic.ZoneCache;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.wire.KeyLabel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zones of keys: from memory, else from the store, else from the fallback (dns-server section
 * 6.3). Who asks for a key that is being looked for waits for the same lookup. Any thread.
 *
 * <p>Keys of which there is nothing are remembered apart, so that a storm of made-up names drives
 * no real zone out of memory.
 */
public final class Zones implements StoreListener {
  private static final Logger LOG = LoggerFactory.getLogger(Zones.class);

  /** Resolvers ask again after one to five seconds. */
  private static final Duration STORE_TIME = Duration.ofSeconds(5);

  /** A full lookup in the DHT takes a few seconds. */
  private static final Duration FALLBACK_TIME = Duration.ofSeconds(10);

  /** How long what the fallback had is served (dns-server section 6.3). */
  private static final Duration FALLBACK_KEPT = Duration.ofSeconds(300);

  /** Between the 30 and 60 s of dns-server section 6.3. */
  private static final Duration ABSENT_KEPT = Duration.ofSeconds(45);

  /** Queries that wait for one key; a resolver asks twice or three times. */
  private static final int WAITERS = 256;

  private final PacketStore store;
  private final @Nullable Fallback fallback;
  private final DnsCounters counters;
  private final Executor workers;
  private final int mostLookups;
  private final Semaphore fallbackPlaces;
  private final ZoneCache stored;
  private final ZoneCache found;
  private final ZoneCache absent;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<KeyLabel, List<Consumer<@Nullable KeyZone>>> lookups = new HashMap<>();

  /**
   * @param workers may refuse what it has no room for
   */
  public Zones(
      PacketStore store,
      @Nullable Fallback fallback,
      DnsLimits limits,
      DnsCounters counters,
      Executor workers) {
    this.store = store;
    this.fallback = fallback;
    this.counters = counters;
    this.workers = workers;
    mostLookups = limits.lookups();
    fallbackPlaces = new Semaphore(limits.fallbackLookups());
    long sixteenth = limits.cacheBytes() / 16;
    stored = new ZoneCache(14 * sixteenth);
    found = new ZoneCache(sixteenth);
    absent = new ZoneCache(sixteenth);
  }

  /** What is in memory; null if it has to be looked for. */
  @Nullable KeyZone cached(KeyLabel key) {
    long now = System.nanoTime();
    KeyZone zone = stored.get(key, now);
    if (zone == null) {
      zone = found.get(key, now);
    }
    return zone == null ? absent.get(key, now) : zone;
  }

  /**
   * Looks for a zone that is not in memory.
   *
   * @param then called once, on any thread, this one included: with {@link KeyZone#ABSENT} if there
   *     is nothing of that key, with null if it could not be found out
   */
  void find(KeyLabel key, Consumer<@Nullable KeyZone> then) {
    boolean first = false;
    boolean room;
    lock.lock();
    try {
      List<Consumer<@Nullable KeyZone>> waiters = lookups.get(key);
      room = waiters == null ? lookups.size() < mostLookups : waiters.size() < WAITERS;
      if (room) {
        first = waiters == null;
        lookups.computeIfAbsent(key, k -> new ArrayList<>(1)).add(then);
      }
    } finally {
      lock.unlock();
    }
    if (!room) {
      counters.lookupsRefused.increment();
      then.accept(null);
    } else if (first) {
      try {
        workers.execute(() -> lookUp(key));
      } catch (RejectedExecutionException e) {
        counters.lookupsRefused.increment();
        done(key, null);
      }
    }
  }

  private void lookUp(KeyLabel key) {
    // Before the store is read: what changes from here on is not to be covered by what it said.
    Versions versions = new Versions(stored.version(key), found.version(key), absent.version(key));
    NodeId id;
    try {
      id = NodeId.ofBytes(key.toBytes());
    } catch (KeyParseException noCurvePoint) {
      done(key, nothing(key, versions));
      return;
    }
    counters.storeReads.increment();
    bounded(store.get(id), STORE_TIME)
        .whenComplete(
            (packet, failure) -> {
              if (failure != null) {
                counters.storeReadFailures.increment();
                LOG.debug("the store did not say what it has of {}", id.toShortString(), failure);
                done(key, null);
              } else if (packet.isPresent()) {
                KeyZone zone = KeyZone.of(packet.get());
                stored.put(key, zone, versions.stored);
                done(key, zone);
              } else if (fallback == null) {
                done(key, nothing(key, versions));
              } else {
                fallBack(fallback, id, key, versions);
              }
            });
  }

  private record Versions(long stored, long found, long absent) {}

  private KeyZone nothing(KeyLabel key, Versions versions) {
    absent.put(key, KeyZone.ABSENT, versions.absent, System.nanoTime(), ABSENT_KEPT.toNanos());
    return KeyZone.ABSENT;
  }

  private void fallBack(Fallback elsewhere, NodeId id, KeyLabel key, Versions versions) {
    if (!fallbackPlaces.tryAcquire()) {
      counters.fallbackRefused.increment();
      done(key, null);
      return;
    }
    counters.fallbackLookups.increment();
    bounded(asked(elsewhere, id), FALLBACK_TIME)
        .whenComplete(
            (packet, failure) -> {
              fallbackPlaces.release();
              if (failure != null) {
                LOG.debug(
                    "the fallback did not say what it has of {}", id.toShortString(), failure);
                done(key, KeyZone.ABSENT);
              } else if (packet.filter(p -> p.nodeId().equals(id)).isPresent()) {
                counters.fallbackFound.increment();
                KeyZone zone = KeyZone.of(packet.get());
                found.put(key, zone, versions.found, System.nanoTime(), FALLBACK_KEPT.toNanos());
                done(key, zone);
              } else {
                done(key, nothing(key, versions));
              }
            });
  }

  private static CompletionStage<Optional<SignedPacket>> asked(Fallback elsewhere, NodeId id) {
    try {
      return elsewhere.find(id);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Neither a store nor a fallback is trusted to answer in time. */
  private static <T> CompletableFuture<T> bounded(CompletionStage<T> stage, Duration time) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    return future.isDone()
        ? future
        : future.copy().orTimeout(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void done(KeyLabel key, @Nullable KeyZone zone) {
    List<Consumer<@Nullable KeyZone>> waiters;
    lock.lock();
    try {
      waiters = lookups.remove(key);
    } finally {
      lock.unlock();
    }
    if (waiters != null) {
      waiters.forEach(waiter -> waiter.accept(zone));
    }
  }

  @Override
  public void changed(NodeId id) {
    KeyLabel key = KeyLabel.of(id.toBytes());
    stored.drop(key);
    found.drop(key);
    absent.drop(key);
  }

  @Override
  public void allChanged() {
    stored.dropAll();
    found.dropAll();
    absent.dropAll();
  }

  /** Zones of stored packets in memory. */
  public long storedZones() {
    return stored.zones();
  }

  /** Zones in memory that the fallback had. */
  public long foundZones() {
    return found.zones();
  }

  /** Bytes of all in memory, about. */
  public long weight() {
    return stored.weight() + found.weight() + absent.weight();
  }
}
