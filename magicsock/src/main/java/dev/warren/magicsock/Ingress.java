package dev.warren.magicsock;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.io.UdpSocket;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.magicsock.wire.DatagramClassifier;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A datagram's way in. Its first bytes say STUN, disco or QUIC ({@link DatagramClassifier}). QUIC
 * belongs to the peer at whose address it came from ({@link PeerTable}) or whom the relay names,
 * and goes up to the {@link DatagramReceiver}. STUN answers what {@link StunReports} has asked.
 * Disco is opened ({@link DiscoLink}) and only then believed ({@link PathProber}). Socket loop
 * only.
 */
final class Ingress implements UdpSocket.Inbound {
  private static final Logger LOG = LoggerFactory.getLogger(Ingress.class);

  private final MagicSocketMetrics metrics;
  private final PeerTable peers;
  private final DiscoLink disco;
  private final PathProber prober;
  private final PeerTimers timers;
  private final StunReports stun;
  private final Runnable trouble;
  private final Egress egress;
  private final DatagramReceiver receiver;

  /** {@code trouble} hears that the system knows no way to where something was sent. */
  Ingress(
      MagicSocketMetrics metrics,
      PeerTable peers,
      DiscoLink disco,
      PathProber prober,
      PeerTimers timers,
      StunReports stun,
      Runnable trouble,
      Egress egress,
      DatagramReceiver receiver) {
    this.metrics = metrics;
    this.peers = peers;
    this.disco = disco;
    this.prober = prober;
    this.timers = timers;
    this.stun = stun;
    this.trouble = trouble;
    this.egress = egress;
    this.receiver = receiver;
  }

  // ---- UDP ----

  @Override
  public void onDatagram(InetSocketAddress from, ByteBuf datagram) {
    switch (DatagramClassifier.classify(datagram)) {
      case STUN -> stun.onDatagram(from, datagram);
      case DISCO -> onDisco(from, datagram);
      case QUIC -> onQuic(from, datagram);
    }
  }

  private void onQuic(InetSocketAddress from, ByteBuf datagram) {
    long now = System.nanoTime();
    int n = datagram.readableBytes();
    metrics.add(Counter.RECV_UDP, n);
    Peer peer = peers.bySource(from, now);
    UdpPath path = peer == null ? null : peer.table.path(from);
    if (path == null) {
      datagram.release();
      metrics.count(Counter.PEERS_REFUSED);
      return;
    }
    peer.lastSeen = now;
    peer.table.onPayload(path, n, now);
    timers.arm(peer, now);
    receiver.onDatagram(peer, datagram);
  }

  private void onDisco(InetSocketAddress from, ByteBuf datagram) {
    byte[] packet = take(datagram);
    DiscoLink.@Nullable Opened opened = disco.open(packet, null);
    if (opened != null) {
      prober.onUdp(opened.peer(), opened.message(), from, packet.length, System.nanoTime());
    }
  }

  private static byte[] take(ByteBuf datagram) {
    try {
      return ByteBufUtil.getBytes(datagram);
    } finally {
      datagram.release();
    }
  }

  @Override
  public void onReadComplete() {
    receiver.onReadComplete();
    egress.flush();
  }

  @Override
  public void onError(Throwable error) {
    metrics.count(Counter.SOCKET_ERRORS);
    if (!(error instanceof PortUnreachableException)
        && String.valueOf(error.getMessage()).contains("unreachable")) {
      trouble.run();
    }
    LOG.debug("socket: {}", error.toString());
  }

  // ---- relays ----

  /**
   * A datagram of {@code source} that a relay vouches for. Takes ownership. True if a connection
   * uses that peer.
   */
  boolean onRelayed(RelayUrl url, NodeId source, ByteBuf datagram) {
    if (DatagramClassifier.classify(datagram) == DatagramClassifier.Kind.DISCO) {
      DiscoLink.@Nullable Opened opened = disco.open(take(datagram), source);
      if (opened != null) {
        prober.onRelay(opened.peer(), opened.message(), url, System.nanoTime());
      }
      return opened != null && opened.peer().held();
    }
    long now = System.nanoTime();
    int n = datagram.readableBytes();
    metrics.add(Counter.RECV_RELAY, n);
    Peer peer = peers.knownOrNew(source);
    boolean changed = peer.table.onHeardByRelay(url, now) || peer.relayReceived == 0;
    peer.relayReceived += n;
    peer.lastSeen = now;
    peer.table.onRelayPayload(now);
    if (changed) {
      peer.publish(now);
    }
    timers.arm(peer, now);
    receiver.onDatagram(peer, datagram);
    return peer.held();
  }
}
