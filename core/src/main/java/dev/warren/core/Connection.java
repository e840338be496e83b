package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.DatagramException;
import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import dev.warren.base.StreamException;
import dev.warren.base.Subscription;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.core.io.Blocking;
import dev.warren.core.io.Promises;
import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.StreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC connection to a peer whose identity is proved.
 *
 * <p>It survives changes of path: {@link #path()} tells which one it uses now. Any thread may call
 * any method; those without {@code Async} in the name that wait do so on the calling thread, which
 * must not be an event loop. Equality is identity.
 */
public final class Connection implements AutoCloseable {
  private final QuicConnection quic;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable WatchableValue<PathInfo> watchedPath; // guarded by lock

  Connection(QuicConnection quic) {
    this.quic = quic;
  }

  // ---- who ----

  /** The peer, as proved in this connection's own TLS session. */
  public NodeId remoteId() {
    return quic.remoteId();
  }

  /** The protocol that both sides agreed on. */
  public Alpn alpn() {
    return quic.alpn();
  }

  /** Tells this connection from every other of the process, also after it has ended. */
  public long stableId() {
    return quic.stableId();
  }

  /** True if we dialled. */
  public boolean dialled() {
    return quic.client();
  }

  /** The form in which identities were proved: {@code x509} or {@code rpk}. */
  public String identityForm() {
    return quic.identityForm();
  }

  // ---- streams ----

  /**
   * Opens a bidirectional stream, waiting while the peer's stream limit is reached. The peer's
   * {@code acceptBi} does not wake before the first byte is written.
   */
  public BiStream openBi() throws PeerException, InterruptedIOException {
    return bi(Blocking.await(quic.streams().open(true), PeerException.class, "openBi"));
  }

  /**
   * As {@link #openBi()}, waiting for at most {@code limit}.
   *
   * @throws StreamException of kind TIMEOUT if the peer's limit stayed reached
   */
  public BiStream openBi(Duration limit) throws PeerException, InterruptedIOException {
    return bi(open(true, limit, "openBi"));
  }

  /**
   * As {@link #openBi()} without blocking; cancelling, or a timeout of the future, leaves the queue
   * for the stream limit.
   */
  public CompletableFuture<BiStream> openBiAsync() {
    return exposed(quic.streams().open(true), this::bi, BiStream::close);
  }

  /** Opens a unidirectional stream; see {@link #openBi()}. */
  public SendStream openUni() throws PeerException, InterruptedIOException {
    return new SendStream(
        Blocking.await(quic.streams().open(false), PeerException.class, "openUni"));
  }

  /** As {@link #openUni()}, waiting for at most {@code limit}; see {@link #openBi(Duration)}. */
  public SendStream openUni(Duration limit) throws PeerException, InterruptedIOException {
    return new SendStream(open(false, limit, "openUni"));
  }

  private StreamChannel open(boolean bidirectional, Duration limit, String operation)
      throws PeerException, InterruptedIOException {
    return Blocking.await(
        quic.streams().open(bidirectional),
        limit,
        () -> StreamException.noCredit(remoteId(), limit.toMillis()),
        PeerException.class,
        operation);
  }

  /** As {@link #openUni()} without blocking. */
  public CompletableFuture<SendStream> openUniAsync() {
    return exposed(quic.streams().open(false), SendStream::new, SendStream::close);
  }

  /** Waits for a bidirectional stream of the peer: it comes with its first byte. */
  public BiStream acceptBi() throws PeerException, InterruptedIOException {
    return bi(
        Blocking.await(quic.streams().incoming(true).take(), PeerException.class, "acceptBi"));
  }

  /** As {@link #acceptBi} without blocking; cancelling gives up the place. */
  public CompletableFuture<BiStream> acceptBiAsync() {
    return exposed(
        quic.streams().incoming(true).take(),
        this::bi,
        late -> quic.streams().incoming(true).giveBack(late.recv().channel()));
  }

  /** Waits for a unidirectional stream of the peer. */
  public RecvStream acceptUni() throws PeerException, InterruptedIOException {
    return new RecvStream(
        Blocking.await(quic.streams().incoming(false).take(), PeerException.class, "acceptUni"));
  }

  /** As {@link #acceptUni} without blocking. */
  public CompletableFuture<RecvStream> acceptUniAsync() {
    return exposed(
        quic.streams().incoming(false).take(),
        RecvStream::new,
        late -> quic.streams().incoming(false).giveBack(late.channel()));
  }

  private BiStream bi(StreamChannel stream) {
    return new BiStream(new SendStream(stream), new RecvStream(stream));
  }

  private <A, B> CompletableFuture<B> exposed(
      CompletableFuture<A> internal, Function<A, B> wrap, Consumer<B> orphan) {
    return Promises.expose(
        internal.thenApply(wrap), quic.callbacks(), () -> internal.cancel(true), orphan);
  }

  // ---- datagrams ----

  /** Largest datagram that can be sent, bytes; empty if the peer takes none. */
  public OptionalInt maxDatagramSize() {
    int max = quic.maxDatagram();
    return max > 0 ? OptionalInt.of(max) : OptionalInt.empty();
  }

  /**
   * Sends what remains in {@code datagram}, unreliably: it may be lost, here too when more are sent
   * than the congestion window takes, and nobody will say so.
   *
   * @throws DatagramException if it is empty, too large, or the peer takes none
   */
  public void sendDatagram(ByteBuffer datagram) throws DatagramException {
    int n = datagram.remaining();
    int max = quic.maxDatagram();
    if (n == 0 || n > max) {
      throw DatagramException.size(remoteId(), n, max);
    }
    ByteBuf copy = quic.channel().alloc().directBuffer(n).writeBytes(datagram);
    quic.sendDatagram(copy);
  }

  /** Waits for a datagram. When more than the queue's limit wait, the oldest are dropped. */
  public byte[] receiveDatagram() throws PeerException, InterruptedIOException {
    return bytes(Blocking.await(quic.datagrams().take(), PeerException.class, "receiveDatagram"));
  }

  /** As {@link #receiveDatagram} without blocking. */
  public CompletableFuture<byte[]> receiveDatagramAsync() {
    return exposed(quic.datagrams().take(), Connection::bytes, lost -> {});
  }

  private static byte[] bytes(ByteBuf datagram) {
    try {
      return ByteBufUtil.getBytes(datagram);
    } finally {
      datagram.release();
    }
  }

  // ---- paths ----

  /** The answer to "direct or relayed?": the path in use now. */
  public PathInfo path() {
    return PathInfo.of(quic.peer().path());
  }

  /**
   * The path in use, as it changes: a new value whenever traffic moves to another path, not for
   * each change of its figures.
   */
  public Watcher<PathInfo> watchPath() {
    lock.lock();
    try {
      WatchableValue<PathInfo> watched = watchedPath;
      if (watched == null) {
        WatchableValue<PathInfo> created = new WatchableValue<>(path(), quic.callbacks());
        watched = created;
        watchedPath = created;
        Subscription events =
            onPathEvent(
                event -> {
                  if (event instanceof PathEvent.Selected) {
                    refresh(created);
                  }
                });
        quic.closed().whenComplete((reason, failure) -> events.close());
        refresh(created); // what happened before the subscription
      }
      return watched;
    } finally {
      lock.unlock();
    }
  }

  /** Reads and sets under the lock: an older value must not overtake a newer one. */
  private void refresh(WatchableValue<PathInfo> watched) {
    lock.lock();
    try {
      watched.set(path());
    } finally {
      lock.unlock();
    }
  }

  /** Every path known to the peer, the one in use first. */
  public List<PathInfo> paths() {
    return quic.peer().paths().stream().map(PathInfo::of).toList();
  }

  /** Tells of path changes, in order, on the callback executor. Close the result to stop. */
  public Subscription onPathEvent(Consumer<PathEvent> listener) {
    return quic.peer().onPathEvent(event -> listener.accept(PathEvent.of(event)));
  }

  /** Figures of the QUIC connection; zeros once it is closed. */
  public CompletableFuture<ConnectionStats> stats() {
    return Promises.expose(
        quic.pathStats().thenApply(Connection::stats), quic.callbacks(), () -> {});
  }

  private static ConnectionStats stats(Optional<QuicConnectionPathStats> path) {
    return path.map(
            p ->
                new ConnectionStats(
                    Duration.ofNanos(p.rtt()), p.pmtu(), p.cwnd(), p.sent(), p.recv(), p.lost()))
        .orElse(new ConnectionStats(Duration.ZERO, 0, 0, 0, 0, 0));
  }

  // ---- end ----

  /** Why the connection ended, if it did. */
  public Optional<CloseReason> closeReason() {
    return quic.closeReason();
  }

  /** Completes with the reason when the connection has ended; on the callback executor. */
  public CompletableFuture<CloseReason> closed() {
    return Promises.expose(quic.closed(), quic.callbacks(), () -> {});
  }

  /**
   * Closes at once with an application code (0 to 2^31-1) and a text for the peer. Data that is not
   * acknowledged is lost: the side that receives last should close. Idempotent; the first reason
   * stays.
   */
  public void close(long code, String reason) {
    quic.close(Codes.check(code), reason);
  }

  /** {@code close(0, "")}. */
  @Override
  public void close() {
    close(0, "");
  }

  /** For the side that sent last: waits until the peer closes; empty if it did not in time. */
  public Optional<CloseReason> awaitPeerClose(Duration limit) {
    Blocking.assertAllowed();
    Blocking.awaitEnd(quic.closed(), limit);
    return quic.closed().isDone() ? quic.closeReason() : Optional.empty();
  }

  QuicConnection quic() {
    return quic;
  }

  @Override
  public String toString() {
    return "Connection[" + quic.remoteId().toShortString() + ", " + quic.phase() + "]";
  }
}
