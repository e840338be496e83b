package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.relay.server.logic.Admission;
import dev.warren.relay.server.logic.DrainPlan;
import dev.warren.relay.server.logic.Refusal;
import dev.warren.relay.server.logic.UniqueIds;
import dev.warren.serving.io.TlsTasks;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a relay share: who is there, what is granted to whom, what is counted.
 * Any thread.
 */
public final class DataPlane {
  private static final AttributeKey<Admission.Connection> PLACE =
      AttributeKey.valueOf(DataPlane.class, "place");

  /** Unique in this process, as access control is promised. */
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final AccessControl access;
  private final boolean legacy;
  private final Proofs proofs;
  private final RelayCounters counters = new RelayCounters();
  private final Clients clients = new Clients(counters);
  private final KeyCache keys;
  private final Admission admission;
  private final UniqueIds uniqueIds;
  private final Pressure pressure;
  private volatile RelayLimits limits;
  private volatile @Nullable DrainPlan draining;
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  /**
   * @param legacy whether the dialects from before 0.91 are served
   * @param tasks where proofs are checked
   */
  public DataPlane(AccessControl access, RelayLimits limits, boolean legacy, TlsTasks tasks) {
    this(access, limits, legacy, new Proofs(tasks));
  }

  DataPlane(AccessControl access, RelayLimits limits, boolean legacy, Proofs proofs) {
    long now = System.nanoTime();
    this.access = new GuardedAccess(access);
    this.limits = limits;
    this.legacy = legacy;
    this.proofs = proofs;
    this.keys = new KeyCache(limits.keyCache());
    this.admission = new Admission(limits, now);
    this.uniqueIds = new UniqueIds(now);
    this.pressure = new Pressure(now);
  }

  AccessControl access() {
    return access;
  }

  RelayLimits limits() {
    return limits;
  }

  boolean servesLegacy() {
    return legacy;
  }

  RelayCounters counters() {
    return counters;
  }

  Clients clients() {
    return clients;
  }

  Proofs proofs() {
    return proofs;
  }

  KeyCache keys() {
    return keys;
  }

  Pressure pressure() {
    return pressure;
  }

  long nextNumber() {
    return NUMBERS.incrementAndGet();
  }

  // ---- getting in ----

  /**
   * A connection was accepted, or is closed at once because too many were.
   *
   * @param trustedProxy whether it comes from a proxy that speaks for many
   */
  boolean accepted(Channel channel, InetAddress from, boolean trustedProxy) {
    Admission.Connection place =
        admission.accepted(from, trustedProxy, nanos(channel), () -> cut(channel));
    if (place == null) {
      counters.onRefused(Refusal.ACCEPT_RATE);
      channel.close();
      return false;
    }
    channel.attr(PLACE).set(place);
    channel.closeFuture().addListener(closed -> place.ended());
    return true;
  }

  private void cut(Channel channel) {
    counters.onRefused(Refusal.HANDSHAKES);
    channel.close();
  }

  /** Cuts up to so many of those that are being established, the oldest; how many it were. */
  int shed(int count) {
    return admission.shed(count);
  }

  /** Whether there is no place for one who asks to be upgraded. */
  @Nullable Refusal upgrading(Channel channel, InetSocketAddress remote) {
    Refusal refusal = placeOf(channel).upgrading(remote.getAddress());
    if (refusal != null) {
      counters.onRefused(refusal);
    }
    return refusal;
  }

  Admission.Connection placeOf(Channel channel) {
    return channel.attr(PLACE).get();
  }

  /** A client is in. */
  void onAccepted(NodeId id, Dialect dialect, long now) {
    counters.onAccepted(dialect);
    if (uniqueIds.isNew(id, now)) {
      counters.uniqueKeys.increment();
    }
  }

  private static long nanos(Channel channel) {
    return channel.eventLoop().ticker().nanoTime();
  }

  // ---- what an operator does ----

  /** Ids that are connected. */
  public int size() {
    return clients.size();
  }

  /** Everything counted, by name; {@code clients} and {@code establishing} go up and down. */
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>(counters.snapshot());
    all.put("clients", (long) clients.size());
    all.put("establishing", (long) admission.halfOpen());
    return all;
  }

  /** Everybody who is connected, now. */
  public List<ClientView> connected() {
    List<ClientView> all = new ArrayList<>();
    clients.forEach(c -> all.add(c.view()));
    return all;
  }

  /** Other limits from now on, for those who are there too; who is in stays in. */
  public void limits(RelayLimits next) {
    limits = next;
    admission.change(next, System.nanoTime());
    clients.forEach(RelayClientConnection::limitsChanged);
  }

  /** Cuts off every connection of an id; whether there was one. */
  public boolean disconnect(NodeId id) {
    RelayClientConnection[] found = clients.of(IdKey.of(id));
    for (RelayClientConnection connection : found) {
      connection.disconnect();
    }
    return found.length > 0;
  }

  /** Cuts off one connection; whether it was there. */
  public boolean disconnect(NodeId id, long connection) {
    for (RelayClientConnection c : clients.of(IdKey.of(id))) {
      if (c.number() == connection) {
        c.disconnect();
        return true;
      }
    }
    return false;
  }

  boolean isDraining() {
    return draining != null;
  }

  /**
   * Lets nobody in any more, tells everybody, and cuts them one after the other. Does not wait;
   * what is returned is complete when the last has left.
   */
  public CompletableFuture<Void> drain(Duration window) {
    DrainPlan plan = new DrainPlan(window.toNanos());
    draining = plan;
    clients.forEach(c -> drain(c, plan));
    onLeft();
    return drained;
  }

  private static void drain(RelayClientConnection connection, DrainPlan plan) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    connection.drain(plan, random.nextDouble(), random.nextDouble());
  }

  /** A client is among the others now: a drain that began meanwhile has not seen it. */
  void onAdded(RelayClientConnection connection) {
    DrainPlan plan = draining;
    if (plan != null) {
      drain(connection, plan);
    }
  }

  /** A client has left. */
  void onLeft() {
    if (isDraining() && clients.size() == 0) {
      drained.complete(null);
    }
  }
}
