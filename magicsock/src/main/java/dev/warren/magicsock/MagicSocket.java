package dev.warren.magicsock;

import dev.warren.base.EndpointBindException;
import dev.warren.base.KeyParseException;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.io.UdpSocket;
import dev.warren.magicsock.logic.PathTable;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.magicsock.wire.DatagramClassifier;
import dev.warren.magicsock.wire.DiscoException;
import dev.warren.magicsock.wire.DiscoMessage;
import dev.warren.magicsock.wire.DiscoPacket;
import dev.warren.relay.client.RelayStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket, many paths: carries opaque datagrams to and from peers named by their id, over UDP
 * and relays, and moves between them unseen.
 *
 * <p><b>A datagram's way out.</b> {@code Peer.send} → {@link #transmit}: the peer's {@link
 * PathTable} chooses; while a direct path is trusted that is one field read and one write to a
 * {@link UdpSocket}. A dial that has no confirmed path yet goes out on the relay and on a few
 * candidates at once.
 *
 * <p><b>A datagram's way in.</b> {@code UdpSocket} → {@link #onUdp}: first bytes say STUN, disco or
 * QUIC. QUIC belongs to the peer at whose address it came from; a source that nobody proved belongs
 * to a provisional peer. Disco is opened with the key shared with the sender it names, and only
 * then believed.
 *
 * <p><b>Who owns an address.</b> {@code byAddress} says which peer a UDP source belongs to. A Pong
 * to a fresh Ping of ours proves an address and always takes it; mere claims (a call-me-maybe, a
 * ticket, a Ping, which can be replayed) take it only if no other peer has proved it. Otherwise one
 * peer could list another's address and divert its packets.
 *
 * <p><b>Reflection.</b> Whoever writes to us unasked gets no more bytes back than he sent until he
 * answers a probe; what QUIC sends beyond that waits in {@link HeldBack} for the answer. Our Pings
 * are padded so that Pong and ping-back together stay within that.
 *
 * <p><b>Threads.</b> One event loop, the socket loop, owns all state; public methods hand over to
 * it. Timers: one scheduled task, due at the earliest deadline of any peer.
 */
public final class MagicSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MagicSocket.class);

  /** Peers known by id that nobody uses; the longest unseen are forgotten first. */
  static final int MAX_IDLE_PEERS = 1024;

  /** UDP sources that talk QUIC and have not said who they are. */
  static final int MAX_PROVISIONAL = 4096;

  /** Provisional peers and unused peers may be forgotten after this silence. */
  private static final Duration FORGET_AFTER = Duration.ofSeconds(60);

  /** Pings of ours without an answer that are remembered. */
  private static final int MAX_PENDING_PINGS = 8192;

  /** Life of a pending ping (magicsock section 6.3). */
  private static final long PING_LIFE = 5_000_000_000L;

  /**
   * Zero bytes after a Ping's 44: with them a Ping (124 bytes as such) is larger than Pong (111)
   * and ping-back (as large) together need from an unproven source that also sent a first QUIC
   * packet.
   */
  private static final int PING_PADDING = 160;

  private final SecretKey secretKey;
  private final byte[] ownId;
  private final byte[] ownScalar;
  private final EventLoop loop;
  private final MagicSocketBuilder config;
  private final MagicSocketMetrics metrics = new MagicSocketMetrics();
  private final SecureRandom random = new SecureRandom();
  private final WatchableValue<NodeAddr> addr;
  private final RelayLinks relays;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  // Any thread.
  private final Map<NodeId, Peer> byId = new ConcurrentHashMap<>();
  private volatile List<InetSocketAddress> bound = List.of();
  private volatile boolean closing;

  // Socket loop.
  private final Map<InetSocketAddress, Peer> byAddress = new HashMap<>();
  private final Map<InetSocketAddress, Peer> provisional = new LinkedHashMap<>();
  private final Map<Tx, PendingPing> pings = new LinkedHashMap<>();
  private final HeldBack heldBack = new HeldBack();
  private @Nullable UdpSocket v4;
  private @Nullable UdpSocket v6;
  private @Nullable InetSocketAddress lastSource;
  private @Nullable Peer lastPeer;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;
  private long nextPrune;

  private record Tx(long a, int b) {
    static Tx of(byte[] tx) {
      var in = java.nio.ByteBuffer.wrap(tx);
      return new Tx(in.getLong(), in.getInt());
    }
  }

  private record PendingPing(Peer peer, InetSocketAddress to, long sentAt) {}

  MagicSocket(MagicSocketBuilder config) {
    this.config = config;
    this.secretKey = config.secretKey;
    this.ownId = secretKey.nodeId().toBytes();
    this.ownScalar = secretKey.toX25519();
    this.loop = config.eventLoop;
    this.addr = new WatchableValue<>(NodeAddr.of(secretKey.nodeId()), config.callbacks);
    this.relays = new RelayLinks(this, config);
  }

  public static MagicSocketBuilder builder() {
    return new MagicSocketBuilder();
  }

  /** Binds the sockets and connects to the relays; waits for the sockets only. */
  MagicSocket start() throws EndpointBindException {
    if (config.direct) {
      SocketBinder.Bound sockets = SocketBinder.bind(config, new Udp());
      v4 = sockets.v4();
      v6 = sockets.v6();
      bound = sockets.addresses();
    }
    publishAddr();
    relays.start();
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

  public Watcher<RelayStatus> homeRelay() {
    return relays.home();
  }

  public MagicSocketMetrics metrics() {
    return metrics;
  }

  EventLoop loop() {
    return loop;
  }

  SecretKey secretKey() {
    return secretKey;
  }

  void publishAddr() {
    NodeAddr mine = NodeAddr.of(id()).withIps(OwnAddresses.of(bound)).withIps(config.externalAddrs);
    Optional<RelayUrl> home = relays.connectedHome();
    addr.set(home.map(mine::withRelay).orElse(mine));
  }

  // ---- peers ----

  /** The peer with this id, made if need be. Any thread. */
  public Peer peer(NodeId id) {
    return byId.computeIfAbsent(id, i -> new Peer(this, i));
  }

  /** Whether there is anything to try for a peer: an address, its relay, or a relay of ours. */
  public boolean canReach(NodeId id) {
    Peer known = byId.get(id);
    return known != null && !known.paths().isEmpty()
        || !config.relays.isEmpty()
        || known != null && known.pendingAddr();
  }

  /** Adds what someone says of a node's whereabouts. */
  public void addAddr(NodeAddr address, String provenance) {
    Peer peer = peer(address.id());
    boolean usable =
        address.relay().isPresent() && config.relay
            || config.direct && address.direct().stream().anyMatch(this::sendable);
    if (usable) {
      peer.expectAddr();
    }
    onLoop(
        () -> {
          long now = System.nanoTime();
          if (config.relay) {
            address.relay().ifPresent(url -> setRelay(peer, url));
          }
          for (InetSocketAddress ip : address.direct()) {
            if (sendable(ip) && config.direct) {
              peer.table.add(ip, provenance, true);
              claim(ip, peer, false);
            }
          }
          peer.publish(now);
        });
  }

  private boolean sendable(InetSocketAddress ip) {
    return ip.getPort() != 0
        && !ip.getAddress().isAnyLocalAddress()
        && !ip.getAddress().isMulticastAddress();
  }

  private void setRelay(Peer peer, RelayUrl url) {
    if (!url.equals(peer.relay)) {
      peer.relay = url;
      peer.relaySince = System.nanoTime();
    }
  }

  /**
   * Makes {@code address} belong to {@code peer}, unless another has proved it and this is no
   * proof.
   */
  private void claim(InetSocketAddress address, Peer peer, boolean proof) {
    Peer owner = byAddress.get(address);
    if (owner == peer) {
      return;
    }
    if (owner != null && !proof) {
      UdpPath path = owner.table.path(address);
      if (path != null && path.proven()) {
        return;
      }
    }
    byAddress.put(address, peer);
    lastSource = null;
  }

  void join(Peer stranger, NodeId proved) {
    Peer node = peer(proved);
    InetSocketAddress source = stranger.onlySource();
    provisional.remove(source);
    UdpPath from = stranger.table.path(source);
    UdpPath path = node.table.add(source, "datagram", false);
    if (path != null && from != null) {
      long now = System.nanoTime();
      node.table.adopt(path, from, now);
      claim(source, node, false);
      stranger.joined(node);
      node.publish(now);
      arm(node, now);
    }
  }

  // ---- out ----

  void transmit(Peer peer, ByteBuf data, int segmentSize) {
    long now = System.nanoTime();
    int n = data.readableBytes();
    PathTable.Choice choice = peer.choice;
    peer.table.choose(choice, peer.relay != null, now);
    boolean sent = false;
    for (int i = 0; i < choice.copies.size(); i++) {
      sent |= sendTo(peer, choice.copies.get(i), data.retainedDuplicate(), segmentSize, n, now);
    }
    if (choice.direct != null) {
      sent |= sendTo(peer, choice.direct, data.retainedDuplicate(), segmentSize, n, now);
    }
    if (choice.relay && peer.relay != null) {
      peer.table.used(now);
      Optional<NodeId> to = peer.id();
      if (to.isPresent() && relays.send(peer.relay, to.get(), data.retain(), segmentSize)) {
        peer.relaySent += n;
        metrics.add(Counter.SEND_RELAY, n);
        sent = true;
      }
    }
    data.release();
    if (!sent) {
      metrics.count(Counter.SEND_UNREACHABLE);
    }
    arm(peer, now);
  }

  private boolean sendTo(Peer peer, UdpPath path, ByteBuf data, int segmentSize, int n, long now) {
    UdpSocket socket = socketFor(path.address);
    if (socket == null) {
      data.release();
      return false;
    }
    if (!peer.table.admit(path, n, now)) {
      metrics.count(Counter.SEND_UNPROVEN);
      if (closing) {
        data.release();
      } else {
        heldBack.add(path.address, data, segmentSize, now);
      }
      return true;
    }
    if (!socket.send(path.address, data, segmentSize)) {
      metrics.count(Counter.SEND_UNWRITABLE);
      return false;
    }
    metrics.add(Counter.SEND_UDP, n);
    return true;
  }

  private @Nullable UdpSocket socketFor(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address ? v4 : v6;
  }

  void flush() {
    if (v4 != null) {
      v4.flush();
    }
    if (v6 != null) {
      v6.flush();
    }
    relays.flush();
  }

  // ---- in ----

  private final class Udp implements UdpSocket.Inbound {
    @Override
    public void onDatagram(InetSocketAddress from, ByteBuf datagram) {
      onUdp(from, datagram);
    }

    @Override
    public void onReadComplete() {
      readComplete();
    }

    @Override
    public void onError(Throwable error) {
      metrics.count(Counter.SOCKET_ERRORS);
      LOG.debug("socket: {}", error.toString());
    }
  }

  void readComplete() {
    config.receiver.onReadComplete();
    flush();
  }

  private void onUdp(InetSocketAddress from, ByteBuf datagram) {
    switch (DatagramClassifier.classify(datagram)) {
      case STUN -> {
        metrics.count(Counter.RECV_STUN);
        datagram.release();
      }
      case DISCO -> onDisco(ByteBufUtil.getBytes(datagram), from, null, null, datagram);
      case QUIC -> onQuic(from, datagram);
    }
  }

  private void onQuic(InetSocketAddress from, ByteBuf datagram) {
    long now = System.nanoTime();
    int n = datagram.readableBytes();
    metrics.add(Counter.RECV_UDP, n);
    Peer peer = from.equals(lastSource) ? lastPeer : lookup(from);
    UdpPath path = peer == null ? null : peer.table.path(from);
    if (path == null) {
      datagram.release();
      metrics.count(Counter.PEERS_REFUSED);
      return;
    }
    lastSource = from;
    lastPeer = peer;
    peer.lastSeen = now;
    peer.table.onPayload(path, n, now);
    arm(peer, now);
    config.receiver.onDatagram(peer, datagram);
  }

  private @Nullable Peer lookup(InetSocketAddress from) {
    Peer known = byAddress.get(from);
    if (known != null && known.table.path(from) != null) {
      return known;
    }
    Peer stranger = provisional.get(from);
    if (stranger == null) {
      if (provisional.size() >= MAX_PROVISIONAL && !forgetStranger()) {
        return null;
      }
      stranger = new Peer(this, null);
      stranger.table.add(from, "datagram", false);
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
        return true;
      }
    }
    return false;
  }

  /** A datagram of {@code source} that a relay vouches for. Takes ownership. */
  void onRelayed(RelayUrl url, NodeId source, ByteBuf datagram) {
    if (DatagramClassifier.classify(datagram) == DatagramClassifier.Kind.DISCO) {
      onDisco(ByteBufUtil.getBytes(datagram), null, url, source, datagram);
      return;
    }
    long now = System.nanoTime();
    int n = datagram.readableBytes();
    metrics.add(Counter.RECV_RELAY, n);
    Peer peer = knownOrNew(source);
    if (peer == null) {
      datagram.release();
      return;
    }
    if (peer.relay == null) {
      setRelay(peer, url);
    }
    boolean first = peer.relayReceived == 0;
    peer.relayReceived += n;
    peer.lastSeen = now;
    peer.table.onRelayPayload(now);
    if (first) {
      peer.publish(now);
    }
    arm(peer, now);
    config.receiver.onDatagram(peer, datagram);
  }

  private @Nullable Peer knownOrNew(NodeId id) {
    Peer known = byId.get(id);
    if (known != null) {
      return known;
    }
    if (byId.size() >= MAX_IDLE_PEERS && !pruneOne()) {
      metrics.count(Counter.PEERS_REFUSED);
      return null;
    }
    return peer(id);
  }

  private boolean pruneOne() {
    Peer oldest = null;
    for (Peer peer : byId.values()) {
      if (!peer.held() && (oldest == null || peer.lastSeen - oldest.lastSeen < 0)) {
        oldest = peer;
      }
    }
    if (oldest == null) {
      // Every one of them is in use by a connection: those have their own limits.
      return true;
    }
    forget(oldest);
    return true;
  }

  private void forget(Peer peer) {
    peer.id().ifPresent(byId::remove);
    byAddress.values().removeIf(p -> p == peer);
    lastSource = null;
  }

  // ---- disco ----

  private void onDisco(
      byte[] packet,
      @Nullable InetSocketAddress udp,
      @Nullable RelayUrl relay,
      @Nullable NodeId vouched,
      ByteBuf datagram) {
    try {
      NodeId sender = NodeId.ofBytes(DiscoPacket.sender(packet));
      if (vouched != null && !vouched.equals(sender)) {
        metrics.count(Counter.RECV_DISCO_UNEXPECTED);
        return;
      }
      Peer known = byId.get(sender);
      byte[] key =
          known != null ? boxKey(known, sender) : DiscoPacket.boxKey(ownScalar, sender.toX25519());
      DiscoMessage message = DiscoMessage.decode(DiscoPacket.open(key, packet));
      Peer peer = knownOrNew(sender);
      if (peer != null) {
        peer.boxKey = key;
        onMessage(peer, message, packet.length, udp, relay);
      }
    } catch (KeyParseException e) {
      metrics.count(Counter.RECV_DISCO_BAD_KEY);
    } catch (DiscoException e) {
      metrics.count(
          e.fault() == DiscoException.Fault.BAD_KEY
              ? Counter.RECV_DISCO_BAD_KEY
              : Counter.RECV_DISCO_BAD_PARSE);
    } catch (RuntimeException e) {
      // Whatever a stranger found: the loop goes on.
      metrics.count(Counter.RECV_DISCO_BAD_PARSE);
      LOG.debug("disco", e);
    } finally {
      datagram.release();
    }
  }

  private byte[] boxKey(Peer peer, NodeId id) {
    byte[] key = peer.boxKey;
    if (key == null) {
      key = DiscoPacket.boxKey(ownScalar, id.toX25519());
      peer.boxKey = key;
    }
    return key;
  }

  private void onMessage(
      Peer peer,
      DiscoMessage message,
      int bytes,
      @Nullable InetSocketAddress udp,
      @Nullable RelayUrl relay) {
    long now = System.nanoTime();
    peer.lastSeen = now;
    if (message instanceof DiscoMessage.Ping ping) {
      metrics.count(Counter.RECV_DISCO_PING);
      onPing(peer, ping, bytes, udp, relay, now);
    } else if (message instanceof DiscoMessage.Pong pong) {
      metrics.count(Counter.RECV_DISCO_PONG);
      onPong(peer, pong, udp, now);
    } else if (message instanceof DiscoMessage.CallMeMaybe call) {
      metrics.count(Counter.RECV_DISCO_CALL_ME_MAYBE);
      if (relay == null) {
        metrics.count(Counter.RECV_DISCO_UNEXPECTED);
      } else if (config.direct) {
        List<InetSocketAddress> usable = call.endpoints().stream().filter(this::sendable).toList();
        if (peer.table.onCallMeMaybe(usable, now)) {
          usable.forEach(a -> claim(a, peer, false));
        } else {
          metrics.count(Counter.RECV_DISCO_UNEXPECTED);
        }
      }
    }
    peer.publish(now);
    arm(peer, now);
  }

  private void onPing(
      Peer peer,
      DiscoMessage.Ping ping,
      int bytes,
      @Nullable InetSocketAddress udp,
      @Nullable RelayUrl relay,
      long now) {
    if (udp == null) {
      if (peer.relay == null) {
        setRelay(peer, relay);
      }
      DiscoMessage pong = new DiscoMessage.Pong(ping.tx(), Optional.empty(), Optional.of(relay));
      sendDisco(peer, null, pong);
      metrics.count(Counter.SENT_DISCO_PONG);
      return;
    }
    adoptStranger(peer, udp);
    UdpPath path = peer.table.add(udp, "probe", false);
    if (path == null) {
      return;
    }
    claim(udp, peer, false);
    if (!peer.table.onPing(path, ping.tx(), bytes, now)) {
      metrics.count(Counter.RECV_DISCO_REPLAYED);
      return;
    }
    DiscoMessage pong = new DiscoMessage.Pong(ping.tx(), Optional.of(udp), Optional.empty());
    if (sendDisco(peer, path, pong)) {
      metrics.count(Counter.SENT_DISCO_PONG);
    }
    peer.table.pingBack(path, now);
  }

  /** The peer's first QUIC packet had overtaken its Ping: what it sent counts. */
  private void adoptStranger(Peer peer, InetSocketAddress udp) {
    Peer stranger = provisional.get(udp);
    if (stranger != null && peer.table.path(udp) == null) {
      UdpPath from = stranger.table.path(udp);
      UdpPath path = peer.table.add(udp, "probe", false);
      if (path != null && from != null) {
        peer.table.adopt(path, from, System.nanoTime());
      }
    }
  }

  private void onPong(
      Peer peer, DiscoMessage.Pong pong, @Nullable InetSocketAddress udp, long now) {
    PendingPing sent = pings.remove(Tx.of(pong.tx()));
    if (sent == null || sent.peer() != peer || udp == null) {
      metrics.count(Counter.RECV_DISCO_UNEXPECTED);
      return;
    }
    UdpPath path = peer.table.path(udp);
    if (path == null || !udp.equals(sent.to())) {
      metrics.count(Counter.RECV_DISCO_UNEXPECTED);
      return;
    }
    peer.table.onPong(path, now - sent.sentAt(), now);
    claim(udp, peer, true);
    Peer stranger = provisional.get(udp);
    if (stranger != null) {
      // A handshake began before the Ping came: what it sends is meant for the same address.
      stranger.table.onPong(stranger.table.path(udp), now - sent.sentAt(), now);
    }
    heldBack.release(udp, now, held -> sendHeld(peer, path, held, now));
  }

  private void sendHeld(Peer peer, UdpPath path, HeldBack.Held held, long now) {
    sendTo(peer, path, held.data(), held.segmentSize(), held.data().readableBytes(), now);
  }

  private boolean sendDisco(Peer peer, @Nullable UdpPath path, DiscoMessage message) {
    Optional<NodeId> to = peer.id();
    if (to.isEmpty()) {
      return false;
    }
    byte[] nonce = new byte[DiscoPacket.NONCE];
    random.nextBytes(nonce);
    byte[] packet = DiscoPacket.seal(ownId, boxKey(peer, to.get()), message.encode(), nonce);
    ByteBuf data = Unpooled.directBuffer(packet.length).writeBytes(packet);
    if (path == null) {
      boolean sent = peer.relay != null && relays.send(peer.relay, to.get(), data, 0);
      if (peer.relay == null) {
        data.release();
      }
      relays.flush();
      return sent;
    }
    UdpSocket socket = socketFor(path.address);
    if (socket == null || !path.mayAnswer(packet.length)) {
      data.release();
      return false;
    }
    path.countSent(packet.length);
    boolean sent = socket.send(path.address, data, 0);
    socket.flush();
    return sent;
  }

  /** Carries out what a peer's table decides. */
  PathTable.Orders ordersFor(Peer peer) {
    return new PathTable.Orders() {
      @Override
      public boolean ping(UdpPath path) {
        byte[] tx = new byte[DiscoMessage.TX];
        random.nextBytes(tx);
        if (pings.size() >= MAX_PENDING_PINGS) {
          pings.remove(pings.keySet().iterator().next());
        }
        pings.put(Tx.of(tx), new PendingPing(peer, path.address, System.nanoTime()));
        if (!sendDisco(
            peer, path, new DiscoMessage.Ping(tx, ownId, path.told() ? PING_PADDING : 0))) {
          pings.remove(Tx.of(tx));
          return false;
        }
        metrics.count(Counter.SENT_DISCO_PING);
        return true;
      }

      @Override
      public void callMeMaybe() {
        if (peer.relay != null && config.direct) {
          List<InetSocketAddress> mine = List.copyOf(addr.get().direct());
          if (sendDisco(peer, null, new DiscoMessage.CallMeMaybe(mine))) {
            metrics.count(Counter.SENT_DISCO_CALL_ME_MAYBE);
          }
        }
      }

      @Override
      public void opened(UdpPath path) {
        peer.fire(new PathEvent.Opened(snapshot(path, null)));
      }

      @Override
      public void closed(UdpPath path, String why) {
        LOG.debug("{} lost {}: {}", peer, path.address, why);
        peer.fire(new PathEvent.Closed(snapshot(path, null), why));
      }
    };
  }

  // ---- snapshots ----

  private static Instant instant(long nanos) {
    return nanos == UdpPath.NEVER
        ? Instant.now()
        : Instant.now().minusNanos(System.nanoTime() - nanos);
  }

  PathSnapshot snapshot(UdpPath path, @Nullable Object selected) {
    return new PathSnapshot(
        new TransportAddr.Ip(path.address),
        path.proven(),
        Duration.ofNanos(path.rtt()),
        instant(path.since()),
        path.sent(),
        path.received(),
        "");
  }

  PathSnapshot snapshot(Peer peer) {
    return new PathSnapshot(
        new TransportAddr.Relay(peer.relay),
        peer.relayReceived > 0,
        Duration.ZERO,
        instant(peer.relaySince),
        peer.relaySent,
        peer.relayReceived,
        whyNotDirect(peer));
  }

  private String whyNotDirect(Peer peer) {
    if (!config.direct) {
      return "direct paths are switched off here";
    }
    return peer.table.paths().isEmpty()
        ? "the peer has told no direct address"
        : "no direct address has answered yet";
  }

  // ---- time ----

  void dial(Peer peer) {
    long now = System.nanoTime();
    if (peer.relay == null && config.relay) {
      relays.defaultRelay().ifPresent(url -> setRelay(peer, url));
    }
    if (peer.relay != null) {
      relays.open(peer.relay);
    }
    peer.table.onDial(now);
    peer.publish(now);
    arm(peer, now);
  }

  private void arm(Peer peer, long now) {
    if (peer.nextTimer == UdpPath.NEVER) {
      peer.nextTimer = peer.table.onTimer(now);
      if (peer.nextTimer != UdpPath.NEVER) {
        scheduleTimer(peer.nextTimer, now);
      }
    }
  }

  private void scheduleTimer(long at, long now) {
    if (timer != null && !timer.isDone() && timerAt - at <= 0 || closing) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerAt = at;
    timer = loop.schedule(this::onTimer, Math.max(0, at - now), TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    timer = null;
    long now = System.nanoTime();
    long earliest = UdpPath.NEVER;
    for (Peer peer : byId.values()) {
      if (peer.nextTimer == UdpPath.NEVER) {
        continue;
      }
      if (peer.nextTimer - now <= 0) {
        peer.nextTimer = peer.table.onTimer(now);
        peer.publish(now);
      }
      if (peer.nextTimer != UdpPath.NEVER
          && (earliest == UdpPath.NEVER || peer.nextTimer - earliest < 0)) {
        earliest = peer.nextTimer;
      }
    }
    prune(now);
    relays.onTimer(now);
    if (earliest != UdpPath.NEVER) {
      scheduleTimer(earliest, now);
    }
  }

  private void prune(long now) {
    if (now - nextPrune < 0) {
      return;
    }
    nextPrune = now + FORGET_AFTER.toNanos() / 4;
    pings.values().removeIf(p -> now - p.sentAt() > PING_LIFE);
    heldBack.expire(now);
    boolean[] any = new boolean[1];
    provisional
        .values()
        .removeIf(p -> !p.held() && now - p.lastSeen > FORGET_AFTER.toNanos() && (any[0] = true));
    if (any[0]) {
      lastSource = null;
    }
  }

  /** Everything is probed again; relays are checked. Any thread. */
  public void networkChanged() {
    onLoop(
        () -> {
          long now = System.nanoTime();
          publishAddr();
          relays.networkChanged();
          for (Peer peer : byId.values()) {
            if (peer.held()) {
              peer.table.onNetworkChange(now);
              peer.publish(now);
              arm(peer, now);
            }
          }
        });
  }

  void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException loopIsGone) {
        LOG.debug("after the end: {}", task);
      }
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
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.debug("closing: {}", e.toString());
    }
  }

  /** Says goodbye to relays and closes the sockets. Idempotent. */
  public CompletableFuture<Void> closeAsync() {
    closing = true;
    onLoop(
        () -> {
          if (timer != null) {
            timer.cancel(false);
          }
          heldBack.clear();
          List<CompletableFuture<?>> ends = new ArrayList<>();
          for (UdpSocket socket : new UdpSocket[] {v4, v6}) {
            if (socket != null) {
              CompletableFuture<Void> end = new CompletableFuture<>();
              ends.add(end);
              socket.channel().close().addListener(f -> end.complete(null));
            }
          }
          ends.add(relays.close());
          CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
              .whenComplete((v, e) -> closed.complete(null));
        });
    return closed.copy();
  }

  boolean has6() {
    return v6 != null;
  }

  static boolean isV6(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address;
  }
}
