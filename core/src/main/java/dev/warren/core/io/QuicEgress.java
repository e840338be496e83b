package dev.warren.core.io;

import dev.warren.core.wire.ConnectionIds;
import dev.warren.magicsock.Peer;
import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes the datagrams that quiche packed and gives them to the magic socket, on the way out of the
 * virtual channel: the first handler of its pipeline, so that the channel's outbound buffer is
 * never used. The payload is not copied; the buffer changes hands with the packet's reference.
 *
 * <p>The write promise is completed at once: the codec continues a burst that was limited by its
 * send window from that future. Event loop of the shard only.
 */
final class QuicEgress extends ChannelOutboundHandlerAdapter {
  /** A flight with certificates has about four datagrams; retransmissions double it. */
  private static final int HANDSHAKE_LIMIT = 100;

  private final QuicCounters counters;
  // Peers written to since the last flush: nearly always one.
  private final List<Peer> dirty = new ArrayList<>(4);

  private @Nullable PeerAddress watched;
  private byte @Nullable [] last;
  private int ofHandshake;

  QuicEgress(QuicCounters counters) {
    this.counters = counters;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof DatagramPacket packet && packet.recipient() instanceof PeerAddress to) {
      int segmentSize = msg instanceof SegmentedDatagramPacket s ? s.segmentSize() : 0;
      Peer peer = to.peer();
      if (to == watched) {
        watch(packet.content(), segmentSize);
      }
      peer.send(packet.content(), segmentSize);
      if (dirty.isEmpty() || dirty.get(dirty.size() - 1) != peer) {
        dirty.add(peer);
      }
    } else {
      // QUIC decided on an address of its own: cannot happen with one constant address per peer.
      counters.egressWithoutPeer.increment();
      ReferenceCountUtil.release(msg);
    }
    promise.trySuccess();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    for (int i = 0; i < dirty.size(); i++) {
      dirty.get(i).flush();
    }
    dirty.clear();
  }

  /** A copy of the last datagram that goes to {@code peer} while {@code action} runs, if any. */
  Optional<byte[]> lastWhile(PeerAddress peer, Runnable action) {
    watched = peer;
    last = null;
    ofHandshake = 0;
    try {
      action.run();
      return Optional.ofNullable(last);
    } finally {
      watched = null;
      last = null;
    }
  }

  /** More packets of a handshake than any has: within {@link #lastWhile}. */
  boolean endless() {
    return watched != null && ofHandshake > HANDSHAKE_LIMIT;
  }

  private void watch(ByteBuf batch, int segmentSize) {
    int n = batch.readableBytes();
    if (n == 0) {
      return; // a flush that had nothing to pack
    }
    int length = segmentSize <= 0 ? n : (n - 1) % segmentSize + 1;
    last = ByteBufUtil.getBytes(batch, batch.writerIndex() - length, length);
    if (ConnectionIds.isLongHeader(batch)) {
      ofHandshake += segmentSize <= 0 ? 1 : (n + segmentSize - 1) / segmentSize;
    }
  }
}
