package dev.warren.magicsock;

import dev.warren.base.RelayUrl;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.PathMtu;
import dev.warren.magicsock.logic.PathTable;
import dev.warren.magicsock.logic.PendingPings;
import dev.warren.magicsock.logic.TokenBucket;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.magicsock.wire.DiscoMessage;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks disco: turns Pings, Pongs and call-me-maybes into facts for a peer's {@link PathTable}, and
 * that table's orders into messages. Socket loop only.
 *
 * <p>Whoever writes to us unasked gets no more bytes back than he sent until he answers a probe.
 * Our Pings are padded so that Pong and ping-back together stay within that.
 */
final class PathProber {
  private static final Logger LOG = LoggerFactory.getLogger(PathProber.class);

  /**
   * Zero bytes after a Ping's 44: with them a Ping (124 bytes as such) is larger than Pong (111)
   * and ping-back (as large) together need from an unproven source that also sent a first QUIC
   * packet.
   */
  private static final int PING_PADDING = 160;

  /** Bytes of a Ping without padding, on the wire (disco section 8.3). */
  private static final int PING_BYTES = 124;

  /**
   * Pings in a second to addresses that were only told of, for all peers together that no
   * connection uses: whoever knows our id can name a victim's addresses through a relay, under as
   * many ids as he likes (hole-punching-methods section 12).
   */
  static final int UNASKED_PER_SECOND = 200;

  private final MagicSocket socket;
  private final PeerTable peers;
  private final Egress egress;
  private final DiscoLink disco;
  private final MagicSocketMetrics metrics;

  /**
   * Pings in a second, for all peers together, through relays other than those that they are
   * reached by: strangers who begin a handshake and fall silent are searched for too. An honest
   * peer that has to wait is asked again soon.
   */
  static final int SEARCH_PER_SECOND = 1000;

  private final TokenBucket searches = new TokenBucket(SEARCH_PER_SECOND);
  private final TokenBucket unasked = new TokenBucket(UNASKED_PER_SECOND);
  private final PendingPings<Peer> pings = new PendingPings<>();

  PathProber(MagicSocket socket, PeerTable peers, Egress egress, DiscoLink disco) {
    this.socket = socket;
    this.peers = peers;
    this.egress = egress;
    this.disco = disco;
    this.metrics = socket.metrics();
  }

  // ---- in ----

  /** A message that came by UDP, in a packet of {@code bytes}. */
  void onUdp(Peer peer, DiscoMessage message, InetSocketAddress from, int bytes, long now) {
    peer.lastSeen = now;
    if (message instanceof DiscoMessage.Ping ping) {
      metrics.count(Counter.RECV_DISCO_PING);
      onPing(peer, ping, bytes, from, now);
    } else if (message instanceof DiscoMessage.Pong pong) {
      metrics.count(Counter.RECV_DISCO_PONG);
      onPong(peer, pong, from, now);
    } else {
      // A call-me-maybe only counts with a relay's word for its sender (disco section 7).
      metrics.count(Counter.RECV_DISCO_CALL_ME_MAYBE);
      metrics.count(Counter.RECV_DISCO_UNEXPECTED);
    }
    peer.publish(now);
    socket.timers().arm(peer, now);
  }

  /** A message that came by relay. */
  void onRelay(Peer peer, DiscoMessage message, RelayUrl relay, long now) {
    peer.lastSeen = now;
    peer.table.relay().onDisco();
    if (message instanceof DiscoMessage.Ping ping) {
      metrics.count(Counter.RECV_DISCO_PING);
      onRelayPing(peer, ping, relay, now);
    } else if (message instanceof DiscoMessage.Pong pong) {
      metrics.count(Counter.RECV_DISCO_PONG);
      onRelayPong(peer, pong, relay, now);
    } else if (message instanceof DiscoMessage.CallMeMaybe call) {
      metrics.count(Counter.RECV_DISCO_CALL_ME_MAYBE);
      peer.table.onHeardByRelay(relay, now);
      onCallMeMaybe(peer, call, now);
    }
    peer.publish(now);
    socket.timers().arm(peer, now);
  }

  private void onPing(
      Peer peer, DiscoMessage.Ping ping, int bytes, InetSocketAddress from, long now) {
    peers.adoptStranger(peer, from, now);
    UdpPath path = peer.table.add(from, "probe", false, now);
    if (path == null) {
      return;
    }
    peers.claim(from, peer, false);
    if (!peer.table.onPing(path, ping.tx(), bytes, now)) {
      metrics.count(Counter.RECV_DISCO_REPLAYED);
      return;
    }
    DiscoMessage pong = new DiscoMessage.Pong(ping.tx(), Optional.of(from), Optional.empty());
    if (disco.sendUdp(peer, path, pong)) {
      metrics.count(Counter.SENT_DISCO_PONG);
    }
    peer.table.pingBack(path, now);
  }

  private void onRelayPing(Peer peer, DiscoMessage.Ping ping, RelayUrl relay, long now) {
    peer.table.relay().onPing(relay, now);
    DiscoMessage pong = new DiscoMessage.Pong(ping.tx(), Optional.empty(), Optional.of(relay));
    // By the relay that it came through: that is the way it asks about.
    if (disco.sendRelay(peer, relay, pong)) {
      metrics.count(Counter.SENT_DISCO_PONG);
    }
  }

  private void onPong(Peer peer, DiscoMessage.Pong pong, InetSocketAddress from, long now) {
    PendingPings.Sent<Peer> sent = pings.take(pong.tx());
    UdpPath path = peer.table.path(from);
    if (sent == null || sent.peer() != peer || path == null || !from.equals(sent.to())) {
      metrics.count(Counter.RECV_DISCO_UNEXPECTED);
      return;
    }
    long rtt = now - sent.at();
    peer.table.onPong(path, sent.size(), rtt, now);
    peers.claim(from, peer, true);
    Peer stranger = peers.stranger(from);
    if (stranger != null) {
      // A handshake began before the Ping came: what it sends is meant for the same address.
      stranger.table.onPong(stranger.table.path(from), sent.size(), rtt, now);
    }
    egress.sendHeldBack(peer, path, now);
  }

  private void onRelayPong(Peer peer, DiscoMessage.Pong pong, RelayUrl relay, long now) {
    PendingPings.Sent<Peer> sent = pings.take(pong.tx());
    if (sent == null || sent.peer() != peer || sent.to() != null) {
      metrics.count(Counter.RECV_DISCO_UNEXPECTED);
      return;
    }
    peer.table.relay().onPong(relay, now - sent.at(), now);
  }

  private void onCallMeMaybe(Peer peer, DiscoMessage.CallMeMaybe call, long now) {
    if (socket.directEnabled()) {
      List<InetSocketAddress> usable =
          call.endpoints().stream().filter(OwnAddresses::sendable).toList();
      if (!peer.table.onCallMeMaybe(usable, now)) {
        metrics.count(Counter.RECV_DISCO_UNEXPECTED);
        return;
      }
      usable.stream()
          .filter(a -> peer.table.path(a) != null)
          .forEach(a -> peers.claim(a, peer, false));
    }
  }

  /** Forgets pings whose answer would come too late. */
  void prune(long now) {
    pings.expire(now);
  }

  /** Whether some are left to {@link #prune}. */
  boolean waits() {
    return pings.size() > 0;
  }

  // ---- out ----

  /** Carries out what a peer's table decides. */
  PathTable.Orders ordersFor(Peer peer) {
    return new Orders(peer);
  }

  private final class Orders implements PathTable.Orders {
    private final Peer peer;

    Orders(Peer peer) {
      this.peer = peer;
    }

    @Override
    public boolean ping(UdpPath path, int size) {
      // Who was not told of gets no more than he sent anyway.
      if (path.told() && !path.proven() && !peer.held() && !unasked.take(System.nanoTime())) {
        metrics.count(Counter.PINGS_REFUSED);
        return false;
      }
      byte[] tx = disco.freshTx();
      int padding = size == PathMtu.SMALL_PING ? path.told() ? PING_PADDING : 0 : size - PING_BYTES;
      if (!disco.sendUdp(peer, path, new DiscoMessage.Ping(tx, disco.ownId(), padding))) {
        return false;
      }
      int bytes = PING_BYTES + padding;
      sent(tx, path.address, bytes);
      return true;
    }

    @Override
    public void pingRelay(RelayUrl url) {
      if (!url.equals(peer.relay()) && !searches.take(System.nanoTime())) {
        metrics.count(Counter.PINGS_REFUSED);
        return;
      }
      byte[] tx = disco.freshTx();
      if (disco.sendRelay(peer, url, new DiscoMessage.Ping(tx, disco.ownId(), 0))) {
        sent(tx, null, PING_BYTES);
      }
    }

    private void sent(byte[] tx, @Nullable InetSocketAddress to, int bytes) {
      if (pings.sent(tx, peer, to, bytes, System.nanoTime())) {
        metrics.count(Counter.PINGS_FORGOTTEN);
      }
      metrics.count(Counter.SENT_DISCO_PING);
    }

    @Override
    public boolean relayConnected(RelayUrl url) {
      return socket.relays().isConnected(url);
    }

    @Override
    public List<RelayUrl> ownRelays() {
      return socket.ownRelays().urls();
    }

    @Override
    public void lost() {
      socket.lost(peer);
    }

    @Override
    public void callMeMaybe() {
      if (socket.directEnabled()) {
        List<InetSocketAddress> mine = List.copyOf(socket.addr().get().direct());
        if (disco.sendRelay(peer, peer.relay(), new DiscoMessage.CallMeMaybe(mine))) {
          metrics.count(Counter.SENT_DISCO_CALL_ME_MAYBE);
        }
      }
    }

    @Override
    public void opened(UdpPath path) {
      peer.fire(new PathEvent.Opened(PathSnapshots.of(path)));
    }

    @Override
    public void closed(UdpPath path, String why) {
      LOG.debug("{} lost {}: {}", peer, path.address, why);
      socket.onPathLost();
      peer.fire(new PathEvent.Closed(PathSnapshots.of(path), why));
    }

    @Override
    public void forgotten(UdpPath path) {
      peers.unclaim(path.address, peer);
    }
  }
}
