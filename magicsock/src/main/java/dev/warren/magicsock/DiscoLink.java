package dev.warren.magicsock;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.TokenBucket;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.magicsock.wire.DiscoException;
import dev.warren.magicsock.wire.DiscoMessage;
import dev.warren.magicsock.wire.DiscoPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals disco messages for peers and opens theirs, with the key that the two of us share (disco
 * sections 1 and 2). Whoever seals for us knows the secret key of the id he names; nothing is
 * believed before that. Socket loop only.
 */
final class DiscoLink {
  private static final Logger LOG = LoggerFactory.getLogger(DiscoLink.class);

  /**
   * Disco packets of unknown senders by UDP that are looked at in a second. Each costs an agreement
   * on a curve, a few tenths of a millisecond on the socket loop, and may be a forgery; an honest
   * peer pings again soon.
   */
  static final int UNKNOWN_PER_SECOND = 500;

  private final TokenBucket unknown = new TokenBucket(UNKNOWN_PER_SECOND);
  private final byte[] ownId;
  private final byte[] ownScalar;
  private final PeerTable peers;
  private final Egress egress;
  private final MagicSocketMetrics metrics;
  private final LongSupplier clock;
  private final SecureRandom random = new SecureRandom();

  /** A message and who proved to have sent it. */
  record Opened(Peer peer, DiscoMessage message) {}

  /** {@code clock} gives nanoseconds. */
  DiscoLink(
      SecretKey key,
      PeerTable peers,
      Egress egress,
      MagicSocketMetrics metrics,
      LongSupplier clock) {
    this.ownId = key.nodeId().toBytes();
    this.ownScalar = key.toX25519();
    this.peers = peers;
    this.egress = egress;
    this.metrics = metrics;
    this.clock = clock;
  }

  byte[] ownId() {
    return ownId;
  }

  byte[] freshTx() {
    byte[] tx = new byte[DiscoMessage.TX];
    random.nextBytes(tx);
    return tx;
  }

  // ---- in ----

  /**
   * Opens a packet; null if it is not to be believed, which is counted.
   *
   * @param vouched whom the relay names as sender, which must be the one inside; null for UDP
   */
  @Nullable Opened open(byte[] packet, @Nullable NodeId vouched) {
    try {
      byte[] rawSender = DiscoPacket.sender(packet);
      Peer known = peers.known(rawSender);
      if (known == null && vouched == null && !unknown.take(clock.getAsLong())) {
        metrics.count(Counter.RECV_DISCO_REFUSED);
        return null;
      }
      NodeId sender = known == null ? NodeId.ofBytes(rawSender) : known.id().orElseThrow();
      if (vouched != null && !vouched.equals(sender)) {
        metrics.count(Counter.RECV_DISCO_UNEXPECTED);
        return null;
      }
      byte[] key =
          known != null ? boxKey(known, sender) : DiscoPacket.boxKey(ownScalar, sender.toX25519());
      DiscoMessage message = DiscoMessage.decode(DiscoPacket.open(key, packet));
      Peer peer = peers.knownOrNew(sender);
      peer.boxKey = key;
      return new Opened(peer, message);
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
    }
    return null;
  }

  private byte[] boxKey(Peer peer, NodeId id) {
    byte[] key = peer.boxKey;
    if (key == null) {
      key = DiscoPacket.boxKey(ownScalar, id.toX25519());
      peer.boxKey = key;
    }
    return key;
  }

  // ---- out ----

  /** Sends by UDP; false if it may not or could not be sent. */
  boolean sendUdp(Peer peer, UdpPath path, DiscoMessage message) {
    Optional<NodeId> to = peer.id();
    return to.isPresent() && egress.sendProbe(path, seal(peer, to.get(), message));
  }

  /** Sends by a relay; false if there is none or it could not be sent. */
  boolean sendRelay(Peer peer, @Nullable RelayUrl relay, DiscoMessage message) {
    Optional<NodeId> to = peer.id();
    return to.isPresent()
        && relay != null
        && egress.sendProbeByRelay(relay, to.get(), seal(peer, to.get(), message));
  }

  private ByteBuf seal(Peer peer, NodeId to, DiscoMessage message) {
    byte[] nonce = new byte[DiscoPacket.NONCE];
    random.nextBytes(nonce);
    byte[] packet = DiscoPacket.seal(ownId, boxKey(peer, to), message.encode(), nonce);
    return Unpooled.directBuffer(packet.length).writeBytes(packet);
  }
}
