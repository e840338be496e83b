package dev.warren.core.io;

import dev.warren.base.PeerException;
import dev.warren.core.io.QuicConnection.Phase;
import dev.warren.core.logic.QuicSettings;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection: those that are opened, those of the peer that wait to be accepted,
 * and those whose sending end somebody waits for. What is over on our side and not on QUIC's is the
 * business of {@link LingeringStreams}.
 *
 * <p>Threads: public methods any, the rest on the connection's loop.
 */
public final class ConnectionStreams {
  /** A short round trip, ms. */
  private static final long POLL_FIRST = 10;

  /** How late one may learn of a stop on a stream that is silent, ms. */
  private static final long POLL_LAST = 1000;

  private final QuicConnection connection;
  private final QuicSettings settings;
  private final AcceptQueue<StreamChannel> bidi;
  private final AcceptQueue<StreamChannel> uni;
  private final StreamOpener opener;

  // Loop.
  private final Set<StreamChannel> live = new HashSet<>();
  private final Set<StreamChannel> watched = new LinkedHashSet<>();
  private final LingeringStreams lingering;
  private @Nullable ChannelHandler rawAcceptor;
  private long pollDelay;
  private boolean pollScheduled;

  ConnectionStreams(QuicConnection connection, QuicSettings settings) {
    this.connection = connection;
    this.settings = settings;
    this.opener = new StreamOpener(connection);
    // Up to the limit they are read before they are accepted, and their credit goes back; as many
    // again wait unread, which holds the peer back (see init).
    this.bidi = new AcceptQueue<>((int) Math.min(Integer.MAX_VALUE, 2 * settings.maxBidiStreams()));
    this.uni = new AcceptQueue<>((int) Math.min(Integer.MAX_VALUE, 2 * settings.maxUniStreams()));
    this.lingering =
        new LingeringStreams(
            connection.shard().loop(),
            settings.maxBidiStreams(),
            settings.maxUniStreams(),
            NettyQuicInternals.available(),
            this::heldByQuic);
  }

  // ---- of the peer ----

  /** A stream of the peer arrived. */
  void accept(QuicStreamChannel stream) {
    ChannelHandler raw = rawAcceptor;
    if (raw != null) {
      stream.pipeline().addLast(raw);
      reapRaw(stream);
    } else {
      init(stream);
    }
  }

  /** Installs the handler of a stream of either direction of opening. */
  StreamChannel init(QuicStreamChannel quicStream) {
    StreamChannel stream =
        new StreamChannel(connection, quicStream, settings.readAhead(), settings.sendBuffer());
    live.add(stream);
    AcceptQueue<StreamChannel> queue = incoming(stream.bidirectional());
    long limit = stream.bidirectional() ? settings.maxBidiStreams() : settings.maxUniStreams();
    boolean ofThePeer = !quicStream.isLocalCreated();
    if (ofThePeer && queue.size() >= limit) {
      stream.recv().hold();
    }
    quicStream.pipeline().addLast(stream);
    if (ofThePeer && !queue.offer(stream)) {
      // More than the limit that we gave: only if the connection has just ended.
      stream.abandon();
    }
    return stream;
  }

  /** A stream that was reset before anyone accepted it is nobody's business any more. */
  void resetBeforeAccept(StreamChannel stream) {
    if (incoming(stream.bidirectional()).remove(stream)) {
      stream.abandon();
    }
  }

  /** Streams of the peer that wait to be accepted. */
  public AcceptQueue<StreamChannel> incoming(boolean bidirectional) {
    return bidirectional ? bidi : uni;
  }

  /** Streams of the peer go to handlers of the caller's from now on, those that wait first. */
  public void acceptRaw(ChannelHandler handler) {
    connection.onLoop(
        () -> {
          rawAcceptor = handler;
          bidi.drain().forEach(s -> s.handOver(handler));
          uni.drain().forEach(s -> s.handOver(handler));
        });
  }

  // ---- of ours ----

  /** Opens a stream when the peer's limit allows; cancel the future to leave the queue. */
  public CompletableFuture<StreamChannel> open(boolean bidirectional) {
    return opener.open(bidirectional, this::init, StreamChannel::abandonLocal);
  }

  /** Opens a stream that {@code handler} has for itself; see {@code NettyConnection}. */
  public CompletableFuture<QuicStreamChannel> openRaw(
      boolean bidirectional, ChannelHandler handler) {
    return opener.open(
        bidirectional,
        stream -> {
          stream.pipeline().addLast(handler);
          reapRaw(stream);
          return stream;
        },
        QuicStreamChannel::close);
  }

  /** The peer allows more streams, or QUIC has just learned how many. */
  void creditChanged() {
    opener.creditChanged();
  }

  /** Whoever closes a raw stream need not know what the codec keeps of it. */
  void reapRaw(QuicStreamChannel stream) {
    long id = stream.streamId();
    stream
        .closeFuture()
        .addListener(f -> lingering.closedRaw(id, () -> connection.streamClosed(id)));
  }

  // ---- who is waited for ----

  void watch(StreamChannel stream) {
    if (connection.phase() == Phase.CLOSED) {
      stream.connectionLost();
    } else if (stream.poll()) {
      watched.add(stream);
      pollSoon();
    }
  }

  /**
   * Something may be acknowledged soon. The codec says nothing when packets bring nothing but
   * acknowledgements, so who waits for one is looked after, ever more seldom.
   */
  void pollSoon() {
    pollDelay = POLL_FIRST;
    schedulePoll();
  }

  private void schedulePoll() {
    if (pollScheduled || watched.isEmpty()) {
      return;
    }
    pollScheduled = true;
    connection
        .shard()
        .loop()
        .schedule(
            () -> {
              pollScheduled = false;
              pollDelay = Math.min(POLL_LAST, 2 * pollDelay);
              pollWatched();
              schedulePoll();
            },
            pollDelay,
            TimeUnit.MILLISECONDS);
  }

  private void pollWatched() {
    if (watched.isEmpty()) {
      return;
    }
    for (Iterator<StreamChannel> it = watched.iterator(); it.hasNext(); ) {
      if (!it.next().poll()) {
        it.remove();
      }
    }
  }

  /** A read loop has ended. */
  void onReadComplete() {
    pollWatched();
    lingering.poll();
  }

  /** Every tick of the stack. */
  void tick() {
    pollWatched();
    lingering.pollAll();
  }

  // ---- end ----

  void forget(StreamChannel stream) {
    live.remove(stream);
  }

  LingeringStreams lingering() {
    return lingering;
  }

  private boolean heldByQuic(long id) {
    return connection.phase() != Phase.CLOSED
        && connection.streamCapacity(id) != NettyQuicInternals.INVALID_STREAM_STATE;
  }

  /** The connection has ended: whoever waits for anything is told why. */
  void end(PeerException cause) {
    bidi.end(() -> cause);
    uni.end(() -> cause);
    bidi.drain().forEach(StreamChannel::discard);
    uni.drain().forEach(StreamChannel::discard);
    opener.fail(cause);
    watched.forEach(StreamChannel::connectionLost);
    watched.clear();
    lingering.clear();
  }

  /** Streams that are not terminal in both directions. */
  List<StreamChannel> live() {
    return new ArrayList<>(live);
  }

  /** Callers who wait for the peer's stream limit. For tests. */
  int waitingOpens() {
    return opener.waiting();
  }
}
