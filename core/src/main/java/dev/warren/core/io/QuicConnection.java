package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.ConnectionClosedException;
import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import dev.warren.core.logic.CloseReasons;
import dev.warren.core.wire.ConnectionIds;
import dev.warren.magicsock.Peer;
import dev.warren.magicsock.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClosedChannelException;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One QUIC connection: the handler of its Netty channel, and what the API's connection stands on.
 *
 * <pre>
 * HANDSHAKING --active, identity proved--> OPEN --close, either side, timeout--> CLOSED
 *      \--early data ready (client)--> EARLY --active--> OPEN
 *                                        \--refused--> HANDSHAKING
 *      \--refused, wrong identity, timeout--> CLOSED (never shown to the application)
 * </pre>
 *
 * Identity is read from this connection's own TLS session when it becomes active, resumed or not,
 * and compared with the dialled id; no stream and no datagram is handed on before that. The channel
 * reads nothing before it is active, so what arrives earlier (0-RTT) stays in quiche until then: a
 * first flight that somebody recorded and sends again reaches no application, since he cannot
 * finish the handshake.
 *
 * <p>Threads: handler methods and package-private ones on the shard's loop; public ones any thread.
 */
public final class QuicConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(QuicConnection.class);

  /** A connection's life. */
  public enum Phase {
    HANDSHAKING,
    EARLY,
    OPEN,
    CLOSED
  }

  /** What fits into the smallest congestion window (two packets, RFC 9002 section 7.2). */
  private static final int SMALL = 2 * 1200;

  private static final AtomicLong IDS = new AtomicLong();

  private final QuicStack stack;
  private final long stableId = IDS.incrementAndGet();
  private final QuicShard shard;
  private final boolean client;
  private final PeerAddress address;
  private final Handshake handshake;
  private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
  private final AtomicReference<CloseReason> closeReason = new AtomicReference<>();
  private final ConnectionStreams streams;
  private final KeepAlive keepAlive = new KeepAlive();
  private final DatagramRing datagrams;

  // Written on the loop, read anywhere.
  private volatile Phase phase = Phase.HANDSHAKING;
  private volatile int maxDatagram;
  private volatile @Nullable EarlyData earlyData;
  private volatile @Nullable QuicChannel channel;
  private volatile @Nullable Object owner;
  private final AtomicInteger datagramsUnderWay = new AtomicInteger();

  // Loop.
  private byte @Nullable [] localId;
  private volatile @Nullable QuicConnectionCloseEvent closeEvent;
  private @Nullable ConnectionClose closing;
  private long receivedAtOpening;
  private long written;
  private long writtenAtTick;

  QuicConnection(
      QuicStack stack,
      QuicShard shard,
      boolean client,
      PeerAddress address,
      @Nullable NodeId expected,
      @Nullable Alpn offered,
      boolean x509Only) {
    this.stack = stack;
    this.shard = shard;
    this.client = client;
    this.address = address;
    this.handshake = new Handshake(this, stack, expected, offered, x509Only);
    this.streams = new ConnectionStreams(this, stack.settings());
    this.datagrams =
        new DatagramRing(stack.settings().datagramQueue(), stack.counters().datagramsOverflowed);
  }

  // ---- life ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    QuicChannel quic = (QuicChannel) ctx.channel();
    channel = quic;
    shard.connections().add(this);
    peer().retain();
    quic.closeFuture().addListener(f -> onClosed(quic));
  }

  /** Whom the application must not lose while this connection is open. Any thread. */
  public void keepAlive(Object endpoint) {
    owner = endpoint;
  }

  /** The connection id that packets to us bear: chosen by us on both sides. */
  void localId(byte[] id) {
    localId = id;
  }

  byte @Nullable [] localId() {
    if (localId == null && channel != null) {
      localId = ConnectionIdBytes.of(channel.localAddress());
    }
    return localId;
  }

  /** The dial came to nothing; a more precise failure may have been set before. */
  void connectFailed(Throwable cause) {
    if (cause instanceof QuicClosedChannelException closedEarly && closeEvent == null) {
      closeEvent = closedEarly.event();
    }
    QuicChannel quic = channel;
    if (quic == null || !quic.isOpen()) {
      stack.forgotten(this);
    }
    handshake.ended(closeEvent, new CloseReason.Reset());
    // Not now: where TLS has failed, the codec tells the peer when this read ends, unless the
    // channel is closed before; the peer would wait for its idle timeout.
    try {
      shard.loop().execute(this::abort);
    } catch (RejectedExecutionException endpointClosed) {
      abort();
    }
  }

  void fail(PeerException failure) {
    handshake.fail(failure);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!handshake.prove()) {
      return;
    }
    NodeId proved = remoteId();
    if (peer().id().isEmpty()) {
      stack.identified(this, proved);
    }
    phase = Phase.OPEN;
    receivedAtOpening = ConnectionClose.received((QuicChannel) ctx.channel(), -1);
    stack.counters().connectionsOpened.increment();
    LOG.debug(
        "open: {} with {} for {}", client ? "dialled" : "accepted", proved.toShortString(), alpn());
    if (earlyData != null) {
      earlyData.handshakeEnded((QuicChannel) ctx.channel());
    }
    handshake.succeed();
    if (!client) {
      stack.onIncoming(this);
    }
    ctx.fireChannelActive();
  }

  private void onClosed(QuicChannel quic) {
    phase = Phase.CLOSED;
    owner = null;
    shard.connections().remove(this);
    closeReason.compareAndSet(
        null, CloseReasons.of(closeEvent, quic.isTimedOut(), stack.isClosing()));
    CloseReason reason = closeReason.get();
    stack.forgotten(this);
    if (handshake.proved()) {
      stack.counters().connectionsClosed.increment();
    }
    handshake.ended(closeEvent, reason);
    PeerException cause = lostException();
    streams.end(cause);
    if (earlyData != null) {
      earlyData.lost(cause);
      shard.earlyDials().remove(this);
    }
    datagrams.end(cause);
    closed.complete(reason);
    peer().release();
  }

  /**
   * Closes with an application code. The first reason wins; what is not acknowledged yet is lost.
   */
  public void close(long code, String text) {
    if (phase == Phase.CLOSED
        || !closeReason.compareAndSet(null, new CloseReason.ByUs(code, text))) {
      return;
    }
    onLoop(() -> closeHeard((int) code, text));
  }

  /** Closes because the whole endpoint ends. */
  void closeForEndpoint(long code, String text) {
    closeReason.compareAndSet(null, new CloseReason.EndpointClosed());
    onLoop(() -> closeHeard((int) code, text));
  }

  private void closeHeard(int code, String text) {
    QuicChannel quic = channel;
    if (quic == null) {
      return;
    }
    if (closing != null) {
      return; // it waits for room, not for long; the first reason stays
    }
    ConnectionClose close = new ConnectionClose(this, true, code, text);
    closing = close;
    boolean blocked = false;
    for (StreamChannel stream : streams.live()) {
      blocked |= stream.cutOff(code);
    }
    // A dialler has not heard yet that the peer's TLS is through: it could not read the close, and
    // quiche may not find an end of closing in that state (docs/quic-codec.md).
    boolean unconfirmed = client && ConnectionClose.received(quic, -1) == receivedAtOpening;
    if (phase == Phase.OPEN && (blocked || unconfirmed || written - writtenAtTick > SMALL)) {
      close.whenThereIsRoom();
    } else {
      close.now();
    }
  }

  /** What {@code close} sends last is sent again to a peer that has not heard it. */
  void lastDatagramIsOf(Runnable close) {
    byte[] id = localId();
    QuicSide side = client ? shard.client() : shard.server();
    QuicEgress egress = side.egress();
    ChannelConfig config = channel().config();
    config.setAllocator(CloseAllocator.of(config.getAllocator(), egress::endless));
    Optional<byte[]> last = egress.lastWhile(address, close);
    if (id != null && id.length == ConnectionIds.LENGTH) {
      Peer to = peer(); // and not this connection, which may go
      last.ifPresent(
          bytes ->
              shard.closed().add(ConnectionIds.key(id), () -> send(to, bytes), System.nanoTime()));
    }
  }

  private static void send(Peer peer, byte[] datagram) {
    peer.send(Unpooled.directBuffer(datagram.length).writeBytes(datagram), 0);
    peer.flush();
  }

  /** Counts what the streams gave to QUIC. */
  void onWritten(int bytes) {
    written += bytes;
  }

  /** The caller gave up. */
  public void cancelDial() {
    if (!ready().isDone()) {
      abort();
    }
  }

  /** Gives up a connection that is still dialling. */
  void abort() {
    onLoop(() -> closeTransport(0));
  }

  /** The peer has closed: nothing will be sent any more, whatever time the channel still takes. */
  boolean draining() {
    return closeEvent != null;
  }

  /** Says before the handshake that this endpoint does not want it (RFC 9000 section 20.1). */
  void refuse() {
    closeTransport(CloseReasons.CONNECTION_REFUSED);
  }

  /** Closes with an error of QUIC's own (RFC 9000 section 20.1). */
  void closeTransport(int error) {
    if (channel != null) {
      new ConnectionClose(this, false, error, "").now();
    }
  }

  // ---- events of the channel ----

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof QuicConnectionCloseEvent close) {
      closeEvent = close;
      if (client) {
        // The channel closes only after draining: three timeouts, of a second each before the
        // first round trip. The caller need not wait for that.
        handshake.ended(close, new CloseReason.Reset());
      }
    } else if (event instanceof QuicStreamLimitChangedEvent) {
      streams.creditChanged();
      if (earlyData != null) {
        earlyData.creditChanged();
      }
    } else if (event instanceof QuicDatagramExtensionEvent extension) {
      maxDatagram = extension.maxLength();
    } else if (event instanceof SslEarlyDataReadyEvent
        && phase == Phase.HANDSHAKING
        && NettyEarlyData.available()) {
      earlyDataReady((QuicChannel) ctx.channel());
    }
  }

  private void earlyDataReady(QuicChannel quic) {
    NettyEarlyData.refreshStreamCredit(quic);
    maxDatagram = NettyEarlyData.maxDatagram(quic);
    earlyData = new EarlyData(this);
    shard.earlyDials().add(this);
    phase = Phase.EARLY;
    handshake.earlyDataReady();
  }

  /** A datagram has arrived for some dial. True if it is known whether early data was accepted. */
  boolean settleEarlyData() {
    if (!earlyData.settle(channel)) {
      return false;
    }
    if (phase == Phase.EARLY && earlyData.refused()) {
      phase = Phase.HANDSHAKING;
    }
    return true;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof ByteBuf datagram) {
      if (KeepAlive.is(datagram)) {
        datagram.release();
      } else {
        datagrams.offer(datagram);
      }
    } else {
      // A new stream: Netty registers it, and StreamInitializer gives it its handler.
      ctx.fireChannelRead(msg);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    streams.onReadComplete();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug(
        "connection {}: {}",
        handshake.peer().map(NodeId::toShortString).orElse("?"),
        cause.toString());
    if (cause instanceof SSLHandshakeException && !handshake.proved() && !client) {
      // The codec sends the alert when the dialler's next packet comes, if one does (measured,
      // docs/quic-codec.md). A close sends it now.
      shard.loop().execute(() -> closeTransport(0));
    }
  }

  // ---- streams ----

  public ConnectionStreams streams() {
    return streams;
  }

  long streamCapacity(long id) {
    return phase == Phase.CLOSED ? 0 : NettyQuicInternals.streamCapacity(channel, id);
  }

  boolean streamClosed(long id) {
    return phase == Phase.CLOSED || NettyQuicInternals.streamClosed(channel, id);
  }

  // ---- datagrams ----

  /** Largest application datagram, or 0 if the peer takes none. */
  public int maxDatagram() {
    return maxDatagram;
  }

  public DatagramRing datagrams() {
    return datagrams;
  }

  /** Takes ownership. A datagram is never acknowledged and may be lost without notice. */
  public void sendDatagram(ByteBuf datagram) {
    QuicChannel quic = channel;
    if (quic == null || phase == Phase.CLOSED) {
      datagram.release();
    } else if (quic.eventLoop().inEventLoop()) {
      quic.writeAndFlush(datagram, quic.voidPromise());
    } else if (datagramsUnderWay.incrementAndGet() > stack.settings().datagramQueue()) {
      // The loop does not keep up; more of them would only use up memory.
      datagramsUnderWay.decrementAndGet();
      stack.counters().datagramsNotSent.increment();
      datagram.release();
    } else if (!onLoop(() -> sendOnLoop(quic, datagram))) {
      datagram.release();
    }
  }

  private void sendOnLoop(QuicChannel quic, ByteBuf datagram) {
    datagramsUnderWay.decrementAndGet();
    quic.writeAndFlush(datagram, quic.voidPromise());
  }

  // ---- upkeep ----

  /** Every tick of the stack: sends a keep-alive after {@code silent} ticks without any packet. */
  void tick(int silent) {
    streams.tick();
    writtenAtTick = written;
    if (phase != Phase.OPEN) {
      return;
    }
    keepAlive.tick(channel, silent, maxDatagram);
  }

  // ---- facts ----

  /** Completes when the handshake has ended and the peer has proved its identity. */
  public CompletableFuture<QuicConnection> ready() {
    return handshake.ready();
  }

  /** Completes when 0-RTT data can be sent, or without such with {@link #ready}. */
  public CompletableFuture<QuicConnection> early() {
    return handshake.early();
  }

  /** What was sent before the handshake had ended; empty if nothing could be. */
  public Optional<EarlyData> earlyData() {
    return Optional.ofNullable(earlyData);
  }

  public CompletableFuture<CloseReason> closed() {
    return closed;
  }

  public Optional<CloseReason> closeReason() {
    return Optional.ofNullable(closeReason.get());
  }

  public Phase phase() {
    return phase;
  }

  /** Differs from that of every other connection of this process. */
  public long stableId() {
    return stableId;
  }

  public boolean client() {
    return client;
  }

  /** The form in which the peer proved its identity. */
  public String identityForm() {
    return handshake.form();
  }

  /** The proved id; before the handshake ended, the one that was dialled. */
  public NodeId remoteId() {
    return handshake
        .peer()
        .orElseThrow(() -> new IllegalStateException("the peer has not proved an id yet"));
  }

  public Alpn alpn() {
    return handshake.alpn();
  }

  Handshake handshake() {
    return handshake;
  }

  public Peer peer() {
    return address.peer();
  }

  PeerAddress address() {
    return address;
  }

  QuicShard shard() {
    return shard;
  }

  Optional<QuicChannel> opened() {
    return Optional.ofNullable(channel);
  }

  public QuicChannel channel() {
    QuicChannel quic = channel;
    if (quic == null) {
      throw new IllegalStateException("not connected yet");
    }
    return quic;
  }

  public Executor callbacks() {
    return stack.callbacks();
  }

  QuicCounters counters() {
    return stack.counters();
  }

  PeerException lostException() {
    Optional<PeerException> never = handshake.failure();
    if (never.isPresent()) {
      return never.get(); // only streams of early data get to see this
    }
    CloseReason reason = closeReason.get();
    QuicChannel quic = channel;
    if (reason == null && quic != null && !quic.isOpen()) {
      // Streams are told before the connection is: not "reset" but what happened.
      reason = CloseReasons.of(closeEvent, quic.isTimedOut(), stack.isClosing());
    }
    return new ConnectionClosedException(
        handshake.peer().orElse(null), reason != null ? reason : new CloseReason.Reset());
  }

  /** Path statistics of quiche, if the connection is open. */
  public CompletableFuture<Optional<QuicConnectionPathStats>> pathStats() {
    CompletableFuture<Optional<QuicConnectionPathStats>> result = new CompletableFuture<>();
    QuicChannel quic = channel;
    if (quic == null || phase == Phase.CLOSED) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    quic.collectPathStats(0)
        .addListener(
            f ->
                result.complete(
                    f.isSuccess()
                        ? Optional.of((QuicConnectionPathStats) f.getNow())
                        : Optional.empty()));
    return result;
  }

  /** False if the endpoint is closed: the task is not run then. */
  boolean onLoop(Runnable task) {
    if (shard.loop().inEventLoop()) {
      task.run();
      return true;
    }
    try {
      shard.loop().execute(task);
      return true;
    } catch (RejectedExecutionException endpointClosed) {
      closed.complete(new CloseReason.EndpointClosed());
      return false;
    }
  }
}
