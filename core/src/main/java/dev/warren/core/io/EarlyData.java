package dev.warren.core.io;

import dev.warren.base.PeerException;
import dev.warren.base.StreamException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What a dial sends before its handshake has ended (0-RTT).
 *
 * <pre>
 * SENT --handshake complete--> ACCEPTED
 *   \--the peer's first flight refuses it--> REFUSED
 * </pre>
 *
 * quiche does not forget early data that was refused: it sends it again as ordinary data, without a
 * word (measured, docs/quic-codec.md). The application would send it a second time, so the streams
 * are reset as soon as the refusal has arrived and before anything else is sent.
 *
 * <p>Threads: {@link #open}, {@link #sendDatagram} and {@link #refused} any; the rest on the
 * connection's loop.
 */
public final class EarlyData {
  private enum State {
    SENT,
    ACCEPTED,
    REFUSED
  }

  private final QuicConnection connection;
  private final StreamOpener opener;
  private final Supplier<PeerException> refusal;

  /** Streams whose fate is open, at most what the peer allowed the last time. */
  private final List<StreamChannel> streams = new ArrayList<>();

  private volatile State state = State.SENT;

  EarlyData(QuicConnection connection) {
    this.connection = connection;
    this.opener = new StreamOpener(connection);
    this.refusal = () -> StreamException.notTakenEarly(connection.remoteId());
  }

  /** Opens a stream; after a refusal it fails, after an acceptance it is a stream like others. */
  public CompletableFuture<StreamChannel> open(boolean bidirectional) {
    return opener.open(bidirectional, this::init, StreamChannel::abandonLocal);
  }

  private StreamChannel init(QuicStreamChannel channel) {
    StreamChannel stream = connection.streams().init(channel);
    if (state == State.SENT) {
      streams.add(stream);
    }
    return stream;
  }

  /** Takes ownership. Dropped after a refusal. */
  public void sendDatagram(ByteBuf datagram) {
    if (!connection.onLoop(() -> send(datagram))) {
      datagram.release();
    }
  }

  private void send(ByteBuf datagram) {
    if (state == State.REFUSED || !connection.channel().isOpen()) {
      datagram.release();
    } else if (state == State.SENT) {
      NettyEarlyData.sendDatagram(connection.channel(), datagram);
    } else {
      connection.sendDatagram(datagram);
    }
  }

  public boolean refused() {
    return state == State.REFUSED;
  }

  /** A datagram has arrived. True if the answer is known, and there is no need to ask again. */
  boolean settle(QuicChannel channel) {
    if (state == State.SENT && channel.isOpen() && NettyEarlyData.refused(channel)) {
      refuse(channel);
    }
    return state != State.SENT || !channel.isOpen();
  }

  private void refuse(QuicChannel channel) {
    state = State.REFUSED;
    connection.counters().earlyDataRefused.increment();
    // All of them before the first call that sends: it may end the handshake, and what is not
    // reset by then goes out as ordinary data.
    streams.forEach(s -> NettyEarlyData.reset(channel, s.id()));
    opener.fail(refusal.get());
    streams.forEach(s -> s.refuseEarly(refusal));
    streams.clear();
  }

  /** The handshake is complete and the peer has proved its identity. */
  void handshakeEnded(QuicChannel channel) {
    if (state == State.SENT) {
      state = State.ACCEPTED;
      connection.counters().earlyDataAccepted.increment();
      streams.clear();
    }
    // What was assumed so far was remembered from the last connection.
    NettyEarlyData.refreshStreamCredit(channel);
    creditChanged();
  }

  void creditChanged() {
    opener.creditChanged();
  }

  void lost(PeerException cause) {
    if (state != State.REFUSED) {
      opener.fail(cause);
    }
    streams.clear();
  }
}
