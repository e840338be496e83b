package dev.warren.discovery.dht;

import dev.warren.base.SecretKey;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.discovery.wire.PacketClock;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an endpoint's packet in the DHT: once for each change, the same packet again every hour,
 * sooner after a failure. What the DHT holds is never rolled back: if it has a newer packet of our
 * key, from a time when our clock was ahead or from another process, ours gets the next number
 * after it (discovery section 11, Q9). Any thread.
 */
final class DhtPublisher {
  /** Nodes keep items for two hours (BEP 44). */
  static final Duration REPUBLISH = Duration.ofHours(1);

  /**
   * From a change until it is sent, so that those that come together are sent together; the longer
   * one when no node is known yet (discovery section 8.2).
   */
  static final Duration DELAY = Duration.ofMillis(50);

  static final Duration FIRST_DELAY = Duration.ofMillis(500);

  /** The first wait after a failure; doubles up to the republish interval. Our choice. */
  static final Duration RETRY = Duration.ofSeconds(5);

  /**
   * Nodes that count the length prefix refuse what is longer, though a packet may have 1000 bytes
   * (discovery section 8.3).
   */
  private static final int MAX_DNS = 996;

  private static final Logger LOG = LoggerFactory.getLogger(DhtPublisher.class);

  private final Dht dht;
  private final SecretKey secret;
  private final ScheduledExecutorService timers;
  private final Duration republish;
  private final ReentrantLock lock = new ReentrantLock();
  private final LongAdder published = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /** Null: nothing is published. */
  private @Nullable EndpointData data;

  /** What was signed for {@link #data}. */
  private @Nullable SignedPacket packet;

  private @Nullable Future<?> timer;
  private @Nullable Future<?> running;
  private Duration retry = RETRY;

  /** Counts the changes: what belongs to an earlier one has nothing to say. */
  private long generation;

  private boolean closed;
  private boolean failed;

  DhtPublisher(Dht dht, DiscoveryContext context, Duration republish) {
    this.dht = dht;
    this.secret = context.secretKey();
    this.timers = context.timers();
    this.republish = republish;
  }

  /** Publishes {@code next} instead of what was before; if it is empty, nothing any more. */
  void publish(EndpointData next) {
    lock.lock();
    try {
      if (closed || next.equals(data)) {
        return;
      }
      generation++;
      packet = null;
      retry = RETRY;
      stop();
      data = next.isEmpty() ? null : next;
      if (data != null) {
        schedule(dht.knewNodes() ? DELAY : FIRST_DELAY);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What failed is tried at once: the network is another one. */
  void retryNow() {
    lock.lock();
    try {
      if (!closed && failed && data != null) {
        retry = RETRY;
        schedule(DELAY);
      }
    } finally {
      lock.unlock();
    }
  }

  private void stop() {
    failed = false;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (running != null) {
      running.cancel(false);
      running = null;
    }
  }

  private void schedule(Duration delay) {
    if (timer != null) {
      timer.cancel(false);
    }
    long mine = generation;
    try {
      timer = timers.schedule(() -> send(mine), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the endpoint is closing: nothing is published any more");
    }
  }

  private void send(long mine) {
    lock.lock();
    try {
      if (closed || mine != generation) {
        return;
      }
      var put = dht.put(secret.nodeId(), newest -> choose(mine, newest));
      running = put;
      put.whenComplete((outcome, failure) -> onEnd(mine, outcome, failure));
    } finally {
      lock.unlock();
    }
  }

  /** On the DHT's thread: what to store, given what lies there. */
  private @Nullable MutableItem choose(long mine, @Nullable MutableItem newest) {
    lock.lock();
    try {
      if (closed || mine != generation || data == null) {
        return null;
      }
      if (packet == null) {
        packet = sign(data, newest == null ? 0 : newest.seq());
      }
      MutableItem item = DhtItems.item(packet);
      if (newest != null && newest.isNewerThan(item)) {
        packet = sign(data, newest.seq());
        item = DhtItems.item(packet);
      }
      return item;
    } finally {
      lock.unlock();
    }
  }

  private SignedPacket sign(EndpointData what, long seen) {
    TxtRecords records = TxtRecords.of(what.addrs(), what.userData().orElse(null));
    Duration ttl = TxtRecords.DEFAULT_TTL;
    byte[] dns = records.toMessage(secret.nodeId(), ttl);
    for (int left = records.addrs().size() - 1; dns.length > MAX_DNS && left >= 0; left--) {
      records = TxtRecords.of(records.addrs().subList(0, left), what.userData().orElse(null));
      dns = records.toMessage(secret.nodeId(), ttl);
    }
    return SignedPacket.sign(secret, dns, PacketClock.system().after(seen));
  }

  private void onEnd(long mine, @Nullable PutOutcome outcome, @Nullable Throwable failure) {
    lock.lock();
    try {
      if (closed || mine != generation) {
        return;
      }
      boolean stored =
          outcome != null && outcome.isStored() && 2 * outcome.newer() <= outcome.asked();
      failed = !stored;
      if (stored) {
        published.increment();
        retry = RETRY;
        schedule(republish);
        return;
      }
      failures.increment();
      LOG.debug("publishing to the DHT: {}", outcome != null ? outcome : String.valueOf(failure));
      schedule(retry.compareTo(republish) < 0 ? retry : republish);
      retry = retry.multipliedBy(2).compareTo(republish) < 0 ? retry.multipliedBy(2) : republish;
    } finally {
      lock.unlock();
    }
  }

  Map<String, Long> metrics() {
    Map<String, Long> metrics = new LinkedHashMap<>();
    metrics.put("published", published.sum());
    metrics.put("publish_failures", failures.sum());
    return metrics;
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      stop();
    } finally {
      lock.unlock();
    }
  }
}
