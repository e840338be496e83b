package dev.warren.magicsock;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.io.HostNetwork;
import dev.warren.magicsock.logic.NetworkState;
import dev.warren.magicsock.logic.PathTable;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.relay.client.RelayStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket, many paths: carries opaque datagrams to and from peers named by their id, over UDP
 * and relays, and moves between them unseen.
 *
 * <p><b>A datagram's way out.</b> {@code Peer.send} → {@link Egress}: the peer's {@link PathTable}
 * chooses → {@code UdpSocket} or {@link RelayLinks}.
 *
 * <p><b>A datagram's way in.</b> {@code UdpSocket} or {@link RelayLinks} → {@link Ingress}: first
 * bytes say STUN, disco or QUIC → QUIC: {@link PeerTable} says whose it is → {@link
 * DatagramReceiver}. Disco: {@link DiscoLink} opens it → {@link PathProber} → {@link PathTable}.
 *
 * <p><b>Threads.</b> One event loop, the socket loop, owns all state; public methods hand over to
 * it. Timers: one scheduled task for all peers ({@link PeerTimers}).
 */
public final class MagicSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MagicSocket.class);

  /** Relays of one finding that are taken; a node has one home, and may name another. */
  private static final int FOUND_RELAYS = 2;

  /** Direct addresses of one finding that are taken. */
  private static final int FOUND_ADDRESSES = 12;

  private final SecretKey secretKey;
  private final EventLoop loop;
  private final MagicSocketBuilder config;
  private final MagicSocketMetrics metrics = new MagicSocketMetrics();
  private final WatchableValue<NodeAddr> addr;
  private final PeerTable peers;
  private final RelayLinks relays;
  private final OwnRelays ownRelays;
  private final Egress egress;
  private final StunReports stun;
  private final NetworkWatch network;
  private final PathProber prober;
  private final PeerTimers timers;
  private final Ingress ingress;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile List<InetSocketAddress> bound = List.of();

  // Socket loop.
  private long nextPrune;

  MagicSocket(MagicSocketBuilder config) {
    this.config = config;
    this.secretKey = config.secretKey;
    this.loop = config.eventLoop;
    this.addr = new WatchableValue<>(NodeAddr.of(secretKey.nodeId()), config.callbacks);
    this.peers = new PeerTable(id -> new Peer(this, id), metrics);
    this.relays = new RelayLinks(this, config);
    this.ownRelays = new OwnRelays(this, config, relays);
    this.egress = new Egress(relays, metrics);
    this.stun =
        new StunReports(config, egress, metrics, this::relayHosts, this::ownAddressesChanged);
    this.network =
        new NetworkWatch(
            loop,
            config.callbacks,
            HostNetwork::read,
            this::talks,
            System::currentTimeMillis,
            this::onNetwork);
    DiscoLink disco = new DiscoLink(secretKey, peers, egress, metrics, System::nanoTime);
    this.timers = new PeerTimers(loop, peers, this::upkeep, metrics);
    this.prober = new PathProber(this, peers, egress, disco);
    this.ingress =
        new Ingress(
            metrics,
            peers,
            disco,
            prober,
            timers,
            stun,
            network::onTrouble,
            egress,
            config.receiver);
  }

  public static MagicSocketBuilder builder() {
    return new MagicSocketBuilder();
  }

  /** Binds the sockets and connects to the relays; waits for the sockets only. */
  MagicSocket start() throws EndpointBindException {
    if (config.direct) {
      SocketBinder.Bound sockets = SocketBinder.bind(config, ingress);
      egress.sockets(sockets);
      bound = sockets.addresses();
    }
    publishAddr(ownRelays.connectedHome());
    ownRelays.start();
    if (config.direct) {
      onLoop(() -> stun.start(egress.has(true), egress.has(false)));
    }
    onLoop(network::start);
    return this;
  }

  // ---- facts, any thread ----

  public NodeId id() {
    return secretKey.nodeId();
  }

  public List<InetSocketAddress> boundSockets() {
    return bound;
  }

  /** Our own address as others need it: only a relay that is connected is in it. */
  public Watcher<NodeAddr> addr() {
    return addr;
  }

  /** How the connection to our home relay stands; "disabled" while we have no relay. */
  public Watcher<RelayStatus> homeRelay() {
    return ownRelays.status();
  }

  /** The round trip to each of our relays that answered when they were last measured. */
  public Map<RelayUrl, Duration> relayLatencies() {
    return ownRelays.latencies();
  }

  /** Adds a relay of ours; nothing happens if it is one already, or relays are off. Any thread. */
  public void insertRelay(RelayUrl url) {
    ownRelays.insert(url);
  }

  /**
   * A relay is ours no longer; if it was home, another becomes it. Connections with peers who are
   * there, or know us there, go on: it is left once it was not used for a minute. Any thread.
   */
  public void removeRelay(RelayUrl url) {
    ownRelays.remove(url);
  }

  public MagicSocketMetrics metrics() {
    return metrics;
  }

  void publishAddr(Optional<RelayUrl> home) {
    NodeAddr mine =
        NodeAddr.of(id())
            .withIps(OwnAddresses.of(bound))
            .withIps(config.externalAddrs)
            .withIps(stun.addresses());
    addr.set(home.map(mine::withRelay).orElse(mine));
  }

  private List<String> relayHosts() {
    return ownRelays.urls().stream().map(RelayUrl::host).distinct().toList();
  }

  /** Our relays are others: their hosts serve STUN too. Socket loop. */
  void onOwnRelays() {
    stun.onRelays();
  }

  /** Who looks for a direct path with us should know it. Socket loop. */
  private void ownAddressesChanged() {
    publishAddr(ownRelays.connectedHome());
    forActivePeers((peer, now) -> peer.table.onOwnAddresses(now));
  }

  // ---- parts ----

  EventLoop loop() {
    return loop;
  }

  SecretKey secretKey() {
    return secretKey;
  }

  int maxDatagram() {
    return config.maxDatagram;
  }

  boolean directEnabled() {
    return config.direct;
  }

  PeerTimers timers() {
    return timers;
  }

  RelayLinks relays() {
    return relays;
  }

  OwnRelays ownRelays() {
    return ownRelays;
  }

  Ingress ingress() {
    return ingress;
  }

  PathTable.Orders ordersFor(Peer peer) {
    return prober.ordersFor(peer);
  }

  // ---- peers ----

  /** The peer with this id, made if need be. Any thread. */
  public Peer peer(NodeId id) {
    return peers.peer(id);
  }

  /** Whether there is anything to try for a peer: an address, its relay, or a relay of ours. */
  public boolean canReach(NodeId id) {
    return knowsAddrOf(id) || !ownRelays.urls().isEmpty();
  }

  /** Whether an address of a peer, or its relay, is known. */
  public boolean knowsAddrOf(NodeId id) {
    Peer known = peers.known(id);
    return known != null && (!known.paths().isEmpty() || known.pendingAddr());
  }

  /**
   * Whether a connection uses a peer and it was heard within the last seconds, so that nobody need
   * be asked where it is. Without a connection nobody notices that it has gone.
   */
  public boolean reaches(NodeId id) {
    Peer known = peers.known(id);
    return known != null && known.held() && known.reached(System.nanoTime());
  }

  /** The peer with this id, if anything is known of it. */
  public Optional<Peer> knownPeer(NodeId id) {
    return Optional.ofNullable(peers.known(id));
  }

  /** Every peer whose id is known. */
  public List<Peer> knownPeers() {
    return List.copyOf(peers.identified());
  }

  /** Whether anything could be sent to one of {@code addrs}. */
  public boolean canTry(List<TransportAddr> addrs) {
    return addrs.stream().anyMatch(this::canTry);
  }

  private boolean canTry(TransportAddr addr) {
    return addr instanceof TransportAddr.Relay && config.relay
        || addr instanceof TransportAddr.Ip ip
            && config.direct
            && OwnAddresses.sendable(ip.address());
  }

  /**
   * Adds what a directory says of a node's whereabouts, the first addresses if there are many:
   * anybody may have written it, so nothing that works gives way to it. False if none of it could
   * be tried. Any thread.
   */
  public boolean addFound(NodeId id, List<TransportAddr> addrs, String provenance) {
    List<TransportAddr> usable = addrs.stream().filter(this::canTry).toList();
    if (usable.isEmpty()) {
      return false;
    }
    Peer peer = peer(id);
    peer.expectAddr();
    onLoop(() -> learnFound(peer, usable, provenance));
    return true;
  }

  private void learnFound(Peer peer, List<TransportAddr> addrs, String provenance) {
    long now = System.nanoTime();
    RelayUrl before = peer.relay();
    int relaysTaken = 0;
    int ipsTaken = 0;
    for (TransportAddr addr : addrs) {
      if (addr instanceof TransportAddr.Relay relay && relaysTaken++ < FOUND_RELAYS) {
        peer.table.relay().onFound(relay.url(), provenance, now);
      } else if (addr instanceof TransportAddr.Ip ip && ipsTaken++ < FOUND_ADDRESSES) {
        if (peer.table.addFound(ip.address(), provenance, now) != null) {
          peers.claimIfFree(ip.address(), peer);
        }
      }
    }
    boolean news = peer.table.onFound(now) || !Objects.equals(before, peer.relay());
    RelayUrl relay = peer.relay();
    if (news && relay != null && peer.held()) {
      relays.open(relay);
    }
    peer.publish(now);
    if (news && peer.table.unheard(now)) {
      egress.sendAgain(peer, now);
    }
    timers.arm(peer, now);
  }

  /** Adds what someone says of a node's whereabouts. Any thread. */
  public void addAddr(NodeAddr address, String provenance) {
    Peer peer = peer(address.id());
    boolean usable =
        address.relay().isPresent() && config.relay
            || config.direct && address.direct().stream().anyMatch(OwnAddresses::sendable);
    if (usable) {
      peer.expectAddr();
    }
    onLoop(() -> learn(peer, address, provenance));
  }

  private void learn(Peer peer, NodeAddr address, String provenance) {
    long now = System.nanoTime();
    if (config.relay) {
      address.relay().ifPresent(url -> peer.table.relay().onTold(url, provenance, now));
    }
    for (InetSocketAddress ip : address.direct()) {
      if (OwnAddresses.sendable(ip) && config.direct) {
        if (peer.table.add(ip, provenance, true, now) != null) {
          peers.claim(ip, peer, false);
        }
      }
    }
    peer.publish(now);
  }

  void dial(Peer peer) {
    long now = System.nanoTime();
    if (config.relay) {
      peer.table.relay().onDial(ownRelays.defaultRelay(), now);
    }
    RelayUrl relay = peer.relay();
    if (relay != null) {
      relays.open(relay);
    }
    peer.table.onDial(now);
    peer.publish(now);
    timers.arm(peer, now);
  }

  /** A handshake says who a provisional peer is. */
  void join(Peer stranger, NodeId proved) {
    long now = System.nanoTime();
    Peer node = peers.join(stranger, proved, now);
    if (node != null) {
      node.publish(now);
      timers.arm(node, now);
    }
  }

  // ---- datagrams, socket loop ----

  void transmit(Peer peer, ByteBuf data, int segmentSize) {
    long now = System.nanoTime();
    egress.transmit(peer, data, segmentSize, now);
    timers.arm(peer, now);
  }

  void flush() {
    egress.flush();
  }

  // ---- time ----

  private long upkeep(long now) {
    if (now - nextPrune >= 0) {
      nextPrune = now + PeerTable.FORGET_AFTER / 4;
      prober.prune(now);
      egress.prune(now);
      peers.prune(now);
    }
    boolean more = prober.waits() || egress.holdsBack() || peers.hasStrangers();
    return UdpPath.earlier(relays.onTimer(now), more ? nextPrune : UdpPath.NEVER);
  }

  /** Whether a peer is talked to, so that a change of the network matters at once. */
  private boolean talks() {
    long now = System.nanoTime();
    for (Peer peer : peers.identified()) {
      if (peer.held() && peer.table.active(now)) {
        return true;
      }
    }
    return false;
  }

  private void onNetwork(NetworkState now, NetworkState.Change how) {
    metrics.count(Counter.NETWORK_CHANGES);
    if (how == NetworkState.Change.MORE) {
      publishAddr(ownRelays.connectedHome());
      forActivePeers((peer, at) -> peer.table.onOwnAddresses(at));
      return;
    }
    relays.addressesAre(now.addresses());
    networkChanged();
    events(config.onNetworkChange);
  }

  /** Everything is probed again; relays are checked. Any thread. */
  public void networkChanged() {
    onLoop(
        () -> {
          long now = System.nanoTime();
          relays.networkChanged();
          ownRelays.networkChanged();
          stun.onNetworkChange();
          for (Peer peer : peers.identified()) {
            if (peer.held()) {
              peer.table.onNetworkChange(now);
              peer.publish(now);
              timers.arm(peer, now);
            }
          }
        });
  }

  /** A direct path works no longer. Socket loop. */
  void onPathLost() {
    stun.onPathLost();
  }

  /** No way to a peer that is in use works any more. Socket loop. */
  void lost(Peer peer) {
    peer.lost();
    if (peer.held()) {
      peer.id().ifPresent(id -> events(() -> config.onLost.accept(id)));
    }
  }

  // ---- relays, socket loop ----

  /** Our connection to a relay is lost: peers that were there may be elsewhere. */
  void relayLost(RelayUrl url) {
    forActivePeers((peer, now) -> peer.table.onRelayTrouble(url, false, now));
  }

  /** A relay says that a node has left it. */
  void relayLeftBy(RelayUrl url, NodeId id) {
    Peer peer = peers.known(id);
    if (peer != null) {
      long now = System.nanoTime();
      peer.table.onRelayTrouble(url, true, now);
      timers.arm(peer, now);
    }
  }

  /** We have another home: who talks to us should hear from us, wherever he is. */
  void announce() {
    forActivePeers((peer, now) -> peer.table.onHomeChange(now));
  }

  private void forActivePeers(ObjLongConsumer<Peer> action) {
    long now = System.nanoTime();
    for (Peer peer : peers.identified()) {
      if (peer.held() && peer.table.active(now)) {
        action.accept(peer, now);
        timers.arm(peer, now);
      }
    }
  }

  /** False if the loop is gone, and the sockets with it: nothing was done. */
  boolean onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return true;
    }
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException loopIsGone) {
      LOG.debug("after the end: {}", task);
      return false;
    }
  }

  void events(Runnable task) {
    config.callbacks.execute(task);
  }

  // ---- end ----

  /** Waits for {@link #closeAsync}, at most two seconds. Not on the loop. */
  @Override
  public void close() {
    try {
      closeAsync().get(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("closing: {}", e.toString());
    }
  }

  /**
   * Says goodbye to relays and closes the sockets; if the event loop has ended, which closed them,
   * it completes at once. Any thread, idempotent.
   */
  public CompletableFuture<Void> closeAsync() {
    boolean closing =
        onLoop(
            () -> {
              timers.close();
              stun.close();
              network.close();
              ownRelays.close();
              CompletableFuture.allOf(egress.close(), relays.close())
                  .whenComplete((v, e) -> closed.complete(null));
            });
    if (!closing) {
      closed.complete(null);
    }
    return closed.copy();
  }
}
