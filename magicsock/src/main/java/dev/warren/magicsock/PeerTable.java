package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.UdpPath;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whose a datagram is: real source → peer.
 *
 * <p>{@code byAddress} says which peer a UDP source belongs to. A Pong to a fresh Ping of ours
 * proves an address and always takes it; mere claims (a call-me-maybe, a ticket, a Ping, which can
 * be replayed) take it only if no other peer has proved it. Otherwise one peer could list another's
 * address and divert its packets. A source that nobody claims belongs to a provisional peer of its
 * own, until a handshake proves who it is and the two are joined.
 *
 * <p>Threads: {@link #peer} and {@link #known} any; the rest socket loop only.
 */
final class PeerTable {
  /** Peers known by id that nobody uses; the longest unseen are forgotten first. */
  static final int MAX_IDLE_PEERS = 1024;

  /** UDP sources that talk QUIC and have not said who they are. */
  static final int MAX_PROVISIONAL = 4096;

  /** Provisional peers may be forgotten after this silence. */
  static final long FORGET_AFTER = Duration.ofSeconds(60).toNanos();

  private final Function<@Nullable NodeId, Peer> factory;
  private final MagicSocketMetrics metrics;

  // Any thread.
  private final Map<NodeId, Peer> byId = new ConcurrentHashMap<>();

  /** The same by an id's 32 bytes: making a {@link NodeId} of them costs a check of the curve. */
  private final Map<ByteBuffer, Peer> byRawId = new ConcurrentHashMap<>();

  // Socket loop.
  private final Map<InetSocketAddress, Peer> byAddress = new HashMap<>();
  private final Map<InetSocketAddress, Peer> provisional = new LinkedHashMap<>();
  private @Nullable InetSocketAddress lastSource;
  private @Nullable Peer lastPeer;

  /** {@code factory} makes a peer; without an id, a provisional one. */
  PeerTable(Function<@Nullable NodeId, Peer> factory, MagicSocketMetrics metrics) {
    this.factory = factory;
    this.metrics = metrics;
  }

  // ---- by id ----

  /** The peer with this id, made if need be: someone here asks for it. Any thread. */
  Peer peer(NodeId id) {
    return byId.computeIfAbsent(
        id,
        i -> {
          Peer made = factory.apply(i);
          byRawId.put(ByteBuffer.wrap(i.toBytes()), made);
          return made;
        });
  }

  /** The peer whose id has these 32 bytes, if there is one. Any thread. */
  @Nullable Peer known(byte[] rawId) {
    return byRawId.get(ByteBuffer.wrap(rawId));
  }

  /** The peer with this id, if there is one. Any thread. */
  @Nullable Peer known(NodeId id) {
    return byId.get(id);
  }

  /** Every peer whose id is known. */
  Collection<Peer> identified() {
    return byId.values();
  }

  /** The peer with this id, made if there is room: a stranger's packet asks for it. */
  @Nullable Peer knownOrNew(NodeId id) {
    Peer known = byId.get(id);
    if (known != null) {
      return known;
    }
    if (byId.size() >= MAX_IDLE_PEERS) {
      // If every one is in use by a connection, those have their own limits.
      forgetIdlest();
    }
    return peer(id);
  }

  private void forgetIdlest() {
    Peer idlest = null;
    for (Peer peer : byId.values()) {
      if (!peer.held() && (idlest == null || peer.lastSeen - idlest.lastSeen < 0)) {
        idlest = peer;
      }
    }
    if (idlest != null) {
      Peer gone = idlest;
      gone.id()
          .ifPresent(
              id -> {
                byId.remove(id);
                byRawId.remove(ByteBuffer.wrap(id.toBytes()), gone);
              });
      byAddress.values().removeIf(p -> p == gone);
      lastSource = null;
      metrics.count(Counter.PEERS_FORGOTTEN);
    }
  }

  // ---- by address ----

  /** Whose datagram this is; null if it must be dropped because too many strangers are known. */
  @Nullable Peer bySource(InetSocketAddress from, long now) {
    if (from.equals(lastSource)) {
      return lastPeer;
    }
    Peer peer = byAddress.get(from);
    if (peer == null || peer.table.path(from) == null) {
      peer = strangerAt(from, now);
    }
    if (peer != null) {
      lastSource = from;
      lastPeer = peer;
    }
    return peer;
  }

  private @Nullable Peer strangerAt(InetSocketAddress from, long now) {
    Peer stranger = provisional.get(from);
    if (stranger == null) {
      if (provisional.size() >= MAX_PROVISIONAL && !forgetStranger()) {
        return null;
      }
      stranger = factory.apply(null);
      stranger.table.add(from, "datagram", false, now);
      stranger.firstSource = from;
      provisional.put(from, stranger);
    }
    return stranger;
  }

  private boolean forgetStranger() {
    for (Iterator<Peer> it = provisional.values().iterator(); it.hasNext(); ) {
      if (!it.next().held()) {
        it.remove();
        lastSource = null;
        metrics.count(Counter.PEERS_FORGOTTEN);
        return true;
      }
    }
    return false;
  }

  /** The provisional peer at an address, if there is one. */
  @Nullable Peer stranger(InetSocketAddress from) {
    return provisional.get(from);
  }

  /**
   * Makes {@code address} belong to {@code peer}, unless another has proved it and this is no
   * proof.
   */
  void claim(InetSocketAddress address, Peer peer, boolean proof) {
    Peer owner = byAddress.get(address);
    if (owner == peer) {
      return;
    }
    if (owner != null && !proof) {
      UdpPath path = owner.table.path(address);
      if (path != null && path.proven()) {
        metrics.count(Counter.CLAIMS_REFUSED);
        return;
      }
    }
    byAddress.put(address, peer);
    lastSource = null;
  }

  /** Makes {@code address} belong to {@code peer} if it is nobody's. */
  void claimIfFree(InetSocketAddress address, Peer peer) {
    if (byAddress.putIfAbsent(address, peer) == null) {
      lastSource = null;
    }
  }

  /** The peer has forgotten an address: it is nobody's until someone claims it again. */
  void unclaim(InetSocketAddress address, Peer peer) {
    if (byAddress.remove(address, peer)) {
      lastSource = null;
    }
  }

  /** Claims that are remembered: at most the candidates of every peer. */
  int claims() {
    return byAddress.size();
  }

  // ---- strangers become peers ----

  /** A handshake proved who a provisional peer is. Returns its node if the address moved there. */
  @Nullable Peer join(Peer stranger, NodeId proved, long now) {
    Peer node = peer(proved);
    InetSocketAddress source = stranger.onlySource();
    provisional.remove(source);
    UdpPath from = stranger.table.path(source);
    UdpPath path = node.table.add(source, "datagram", false, now);
    if (path == null || from == null) {
      return null;
    }
    node.table.adopt(path, from, now);
    claim(source, node, false);
    stranger.joined(node);
    return node;
  }

  /** A peer's first QUIC packet had overtaken its Ping: what it sent from there counts. */
  void adoptStranger(Peer peer, InetSocketAddress source, long now) {
    Peer stranger = provisional.get(source);
    if (stranger != null && peer.table.path(source) == null) {
      UdpPath from = stranger.table.path(source);
      UdpPath path = peer.table.add(source, "probe", false, now);
      if (path != null && from != null) {
        peer.table.adopt(path, from, now);
      }
    }
  }

  /** Whether some are left to {@link #prune}. */
  boolean hasStrangers() {
    return !provisional.isEmpty();
  }

  /** Forgets strangers that have been silent. */
  void prune(long now) {
    if (provisional.values().removeIf(p -> !p.held() && now - p.lastSeen > FORGET_AFTER)) {
      lastSource = null;
    }
  }
}
