package dev.warren.core;

import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.ConcurrentLookup;
import dev.warren.discovery.DiscoveryCounters.Counter;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.Lookup;
import dev.warren.discovery.LookupException;
import dev.warren.discovery.LookupOutcome;
import dev.warren.discovery.ResolveSink;
import dev.warren.magicsock.MagicSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for peers that are not reached: at most one lookup of a peer at a time, which every dial of
 * it shares. Findings go to the magic socket as they come. A lookup is not ended by a connection:
 * what it finds later are more ways to the peer (discovery section 2.5). Any thread.
 */
final class PeerLookups {
  private final ConcurrentLookup services;
  private final MagicSocket socket;
  private final Map<NodeId, PeerLookup> running = new ConcurrentHashMap<>();

  PeerLookups(ConcurrentLookup services, MagicSocket socket) {
    this.services = services;
    this.socket = socket;
  }

  /** Looks for a peer if there is anybody to ask and it is not reached right now. */
  Optional<PeerLookup> startIfNeeded(NodeId id) {
    return socket.reaches(id) || !services.resolves() ? Optional.empty() : Optional.of(start(id));
  }

  private PeerLookup start(NodeId id) {
    for (; ; ) {
      PeerLookup fresh = new PeerLookup(id);
      PeerLookup present = running.putIfAbsent(id, fresh);
      if (present == null) {
        fresh.begin();
        return fresh;
      }
      if (present.again()) {
        return present;
      }
      running.remove(id, present);
    }
  }

  /** A peer in use is not reached any more: it may have moved. */
  void onLost(NodeId id) {
    if (services.resolves()) {
      start(id);
    }
  }

  /** The lookup of a peer that is under way. */
  Optional<PeerLookup> running(NodeId id) {
    return Optional.ofNullable(running.get(id));
  }

  /** Nobody waits any longer: the endpoint closes. */
  void close() {
    running.values().forEach(PeerLookup::endpointCloses);
  }

  /** One lookup of a peer, for all who wait for it. Any thread. */
  final class PeerLookup implements ResolveSink {
    private final NodeId id;
    private final CompletableFuture<Void> usable = new CompletableFuture<>();
    private volatile @Nullable Lookup lookup;

    PeerLookup(NodeId id) {
      this.id = id;
    }

    private void begin() {
      lookup = services.resolve(id, this);
    }

    /** Another dial needs it; false if it is over. */
    private boolean again() {
      Lookup begun = lookup;
      return begun == null || begun.again();
    }

    /**
     * Completes as soon as there is something to try; with the {@link LookupException} if nothing
     * is found.
     */
    CompletableFuture<Void> usable() {
      return usable;
    }

    /** What each service said so far, in one line. */
    String describe() {
      Lookup begun = lookup;
      return begun == null ? "has just begun" : begun.describe();
    }

    /** Why services failed, those that did. */
    List<Throwable> causes() {
      Lookup begun = lookup;
      return begun == null
          ? List.of()
          : begun.outcomes().stream().map(LookupOutcome::cause).flatMap(Optional::stream).toList();
    }

    private void endpointCloses() {
      usable.completeExceptionally(
          new PeerConnectException(Kind.CLOSED, id, "the endpoint was closed during the lookup"));
    }

    @Override
    public void found(DiscoveryItem item) {
      List<InetSocketAddress> own = new ArrayList<>(socket.addr().get().direct());
      own.addAll(socket.boundSockets());
      List<TransportAddr> kept = new FoundAddresses(own).of(item);
      int refused = item.data().addrs().size() - kept.size();
      services.counters().add(Counter.ADDRESSES_REFUSED, refused);
      if (socket.addFound(id, kept, item.provenance())) {
        usable.complete(null);
      }
    }

    @Override
    public void done() {
      running.remove(id, this);
      usable.completeExceptionally(new NothingUsable());
    }

    @Override
    public void failed(Throwable cause) {
      running.remove(id, this);
      usable.completeExceptionally(cause);
    }
  }

  /** Something was found, and nothing of it can be used. */
  private static final class NothingUsable extends Exception {
    private static final long serialVersionUID = 1;

    NothingUsable() {
      super("nothing that was found can be used");
    }
  }
}
