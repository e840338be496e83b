package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.PathChoice;
import dev.warren.magicsock.logic.PathTable;
import dev.warren.magicsock.logic.UdpPath;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A remote node as the magic socket knows it: one constant address for QUIC above, changing paths
 * below.
 *
 * <p>A <em>provisional</em> peer stands for a UDP source that belongs to no known node. Once a
 * handshake has proved who it is, {@link #identify} joins it to that node; what is sent through it
 * then takes the node's paths.
 *
 * <p>Threads: public methods any thread, though {@link #send} is cheapest on the socket loop; the
 * rest on the socket loop.
 */
public final class Peer {
  /** How long a peer that was heard by relay counts as reached: it is pinged every 5 s. */
  private static final long TRUSTED = Duration.ofSeconds(7).toNanos();

  private final MagicSocket socket;
  private final PeerAddress synthetic;
  private final AtomicInteger holders = new AtomicInteger();
  private final List<Consumer<PathEvent>> listeners = new CopyOnWriteArrayList<>();
  private final Handover handover;

  // Any thread.
  volatile @Nullable InetSocketAddress firstSource;
  private volatile @Nullable NodeId id;
  private volatile @Nullable Peer target;
  private volatile PathSnapshot current;
  private volatile boolean pendingAddr;
  private volatile List<PathSnapshot> all = List.of();
  private volatile List<PathSnapshot> others = List.of();
  private volatile long reachedUntil = UdpPath.NEVER;

  // Socket loop.
  final PathTable table;
  final PathChoice choice = new PathChoice();
  byte @Nullable [] boxKey;
  long relaySent;
  long relayReceived;
  long nextTimer = UdpPath.NEVER;
  long lastSeen;
  private @Nullable Object selected;

  Peer(MagicSocket socket, @Nullable NodeId id) {
    this.socket = socket;
    this.id = id;
    this.synthetic = new PeerAddress(this);
    this.table = new PathTable(socket.ordersFor(this), socket.maxDatagram());
    this.handover = new Handover(socket, this);
    this.current = PathSnapshots.none();
  }

  /** Who it is; empty while provisional. */
  public Optional<NodeId> id() {
    return Optional.ofNullable(id);
  }

  /** The address under which QUIC knows it. */
  public PeerAddress syntheticAddress() {
    return synthetic;
  }

  /**
   * Sends a QUIC datagram, or a batch cut every {@code segmentSize} bytes (0: one datagram). Takes
   * ownership; nothing is reported if it is lost. Follow with {@link #flush()}.
   */
  public void send(ByteBuf data, int segmentSize) {
    if (socket.loop().inEventLoop()) {
      socket.transmit(resolved(), data, segmentSize);
    } else {
      handover.add(data, segmentSize);
    }
  }

  /** Hands what was sent to the kernel. */
  public void flush() {
    if (socket.loop().inEventLoop()) {
      socket.flush();
    } else {
      handover.flush();
    }
  }

  /** An address is on its way to the socket loop. */
  void expectAddr() {
    pendingAddr = true;
  }

  boolean pendingAddr() {
    return pendingAddr;
  }

  Peer resolved() {
    Peer joined = target;
    return joined == null ? this : joined;
  }

  /** A verified handshake says who this provisional peer is. */
  public void identify(NodeId proved) {
    if (id == null) {
      id = proved;
      socket.onLoop(() -> socket.join(this, proved));
    }
  }

  void joined(Peer node) {
    target = node;
    for (int held = holders.getAndSet(0); held > 0; held--) {
      node.retain();
    }
    listeners.forEach(node.listeners::add);
  }

  /** Starts probing and opens the relay link, so that the first flight finds every way. */
  public void dialStarted() {
    socket.onLoop(() -> socket.dial(resolved()));
  }

  /** Keeps the peer while something uses it. */
  public void retain() {
    Peer joined = target;
    if (joined != null) {
      joined.retain();
    } else {
      holders.incrementAndGet();
    }
  }

  public void release() {
    Peer joined = target;
    if (joined != null) {
      joined.release();
    } else {
      holders.decrementAndGet();
    }
  }

  boolean held() {
    return holders.get() > 0;
  }

  // ---- what is known ----

  /** The path in use. */
  public PathSnapshot path() {
    return resolved().current;
  }

  /** Every path, the one in use first. */
  public List<PathSnapshot> paths() {
    return resolved().all;
  }

  /** Relays at which it may be too, by what others say. */
  public List<PathSnapshot> otherRelays() {
    return resolved().others;
  }

  /** No way to it works. Socket loop. */
  void lost() {
    reachedUntil = UdpPath.NEVER;
  }

  /** Whether it was heard within the last seconds. */
  boolean reached(long now) {
    long until = resolved().reachedUntil;
    return until != UdpPath.NEVER && now - until < 0;
  }

  /** Calls {@code listener} for each change, in order, on the callback executor. */
  public Subscription onPathEvent(Consumer<PathEvent> listener) {
    Peer node = resolved();
    node.listeners.add(listener);
    return () -> {
      node.listeners.remove(listener);
      resolved().listeners.remove(listener);
    };
  }

  /** Each path that was tried and what came of it, for an error message. */
  public String describeAttempts() {
    return resolved().all.isEmpty() ? "no address of it is known" : describe(resolved().all);
  }

  private static String describe(List<PathSnapshot> paths) {
    List<String> parts = new ArrayList<>();
    for (PathSnapshot path : paths) {
      parts.add(
          (path.remote() instanceof TransportAddr.Relay ? "relay " : "direct ")
              + path.remote()
              + (path.confirmed() ? " (answers probes" : " (no answer")
              + ", "
              + path.bytesSent()
              + " bytes sent in "
              + Duration.between(path.since(), Instant.now()).toMillis()
              + " ms, "
              + path.bytesReceived()
              + " received)");
    }
    return String.join("; ", parts);
  }

  // ---- socket loop ----

  /** The relay that it is reached by, if one is known. */
  @Nullable RelayUrl relay() {
    return table.relayUrl();
  }

  /** Publishes the state, and the event if traffic has moved. */
  void publish(long now) {
    UdpPath best = table.best();
    RelayUrl relay = relay();
    boolean diverted = relay != null && table.diverted(now);
    Object next = best != null && table.hasTrustedBest(now) && !diverted ? best.address : relay;
    List<PathSnapshot> snapshots = new ArrayList<>();
    for (UdpPath path : table.paths()) {
      snapshots.add(PathSnapshots.of(path));
    }
    if (relay != null) {
      snapshots.add(PathSnapshots.ofRelay(this, relay, socket.directEnabled()));
    }
    reachedUntil =
        table.hasTrustedBest(now)
            ? best.trustedUntil()
            : table.relay().working(now) ? table.relay().lastHeard() + TRUSTED : UdpPath.NEVER;
    others =
        table.relay().named().stream()
            .filter(url -> !url.equals(relay))
            .map(url -> PathSnapshots.ofOtherRelay(this, url))
            .toList();
    snapshots.sort((a, b) -> Boolean.compare(isSelected(b, next), isSelected(a, next)));
    all = List.copyOf(snapshots);
    PathSnapshot before = current;
    PathSnapshot after =
        snapshots.isEmpty() || next == null ? PathSnapshots.none() : snapshots.get(0);
    current = after;
    if (next != null && !next.equals(selected)) {
      selected = next;
      fire(new PathEvent.Selected(before, after));
    }
  }

  private static boolean isSelected(PathSnapshot path, @Nullable Object selected) {
    return path.remote() instanceof TransportAddr.Ip ip && ip.address().equals(selected)
        || path.remote() instanceof TransportAddr.Relay r && r.url().equals(selected);
  }

  void fire(PathEvent event) {
    if (listeners.isEmpty()) {
      return;
    }
    try {
      socket.events(() -> listeners.forEach(l -> l.accept(event)));
    } catch (RejectedExecutionException closed) {
      socket.metrics().count(Counter.SOCKET_ERRORS);
    }
  }

  /** Where a peer that has not said who it is was first heard from. Any thread. */
  public Optional<InetSocketAddress> firstSource() {
    return Optional.ofNullable(firstSource);
  }

  InetSocketAddress onlySource() {
    return table.paths().iterator().next().address;
  }

  @Override
  public String toString() {
    NodeId known = id;
    return "Peer[" + (known == null ? "provisional" : known.toShortString()) + "]";
  }
}
