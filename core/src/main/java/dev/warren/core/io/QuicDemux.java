package dev.warren.core.io;

import dev.warren.core.wire.ConnectionIds;
import dev.warren.magicsock.DatagramReceiver;
import dev.warren.magicsock.Peer;
import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.LongObjectHashMap;

/**
 * Sends each QUIC datagram from the magic socket to the shard and side that its connection id
 * names.
 *
 * <p>The codecs' own address for a peer is constant. A connection that began with a provisional
 * peer (no disco before its first packet) keeps that peer's synthetic address when packets later
 * arrive from the node's other paths: {@link #alias} holds those few connections, and dials until
 * they are answered; the map is empty as a rule.
 *
 * <p>Socket loop only.
 */
final class QuicDemux implements DatagramReceiver {
  private final QuicShard[] shards;
  private final QuicCounters counters;
  private final LongObjectHashMap<Alias> aliases = new LongObjectHashMap<>();

  private static final class Alias {
    final PeerAddress address;
    boolean needed;

    Alias(PeerAddress address) {
      this.address = address;
    }
  }

  QuicDemux(QuicShard[] shards, QuicCounters counters) {
    this.shards = shards;
    this.counters = counters;
  }

  @Override
  public void onDatagram(Peer peer, ByteBuf datagram) {
    ConnectionIds.Side side = ConnectionIds.side(datagram);
    if (side == ConnectionIds.Side.NONE) {
      counters.notQuic.increment();
      datagram.release();
      return;
    }
    PeerAddress from = peer.syntheticAddress();
    if (!aliases.isEmpty()) {
      Alias alias = aliases.get(ConnectionIds.destination(datagram));
      if (alias != null) {
        alias.needed |= alias.address != from;
        from = alias.address;
      }
    }
    QuicShard shard = shards[ConnectionIds.shard(datagram, shards.length)];
    boolean client =
        side == ConnectionIds.Side.CLIENT
            || side == ConnectionIds.Side.CLIENT_IF_LIVE
                && shard.isLiveClient(ConnectionIds.destination(datagram));
    shard.receive(client, from, datagram);
  }

  @Override
  public void onReadComplete() {
    for (QuicShard shard : shards) {
      shard.receiveComplete();
    }
  }

  /** Packets for the connection with this id come from {@code address}, whatever path they took. */
  void alias(long connectionId, PeerAddress address) {
    aliases.put(connectionId, new Alias(address));
  }

  /** The handshake is over: an alias that made no difference is not needed any more. */
  void answered(long connectionId) {
    Alias alias = aliases.get(connectionId);
    if (alias != null && !alias.needed) {
      aliases.remove(connectionId);
    }
  }

  void unalias(long connectionId) {
    aliases.remove(connectionId);
  }
}
