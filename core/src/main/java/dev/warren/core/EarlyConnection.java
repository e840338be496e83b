package dev.warren.core;

import dev.warren.base.DatagramException;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.base.StreamException;
import dev.warren.core.io.Blocking;
import dev.warren.core.io.EarlyData;
import dev.warren.core.io.Promises;
import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.StreamChannel;
import io.netty.buffer.ByteBuf;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * A dialled connection that can send although its handshake has not ended (0-RTT).
 *
 * <p><strong>Whatever is sent here can be recorded and sent again by an attacker</strong>, to the
 * same peer and as often as he likes (RFC 9001 section 9.2). A Warren peer gives nothing of it to
 * its application before the sender has finished the handshake, which a replayer cannot, so there
 * it is harmless; a peer of another make may act on it at once. Send what may safely happen twice.
 *
 * <p>It has no {@code remoteId()}: until {@link #handshake} returns, nobody has proved anything.
 * What is sent is readable only for who has the keys of the last connection with the dialled node;
 * nothing of the peer's can be read before its identity is proved again.
 *
 * <pre>{@code
 * EarlyConnection early = endpoint.connectEarly(addr, Alpn.of("quote/1"), ConnectOptions.DEFAULT);
 * SendStream request = early.openUni();
 * request.write(question);
 * request.finish();
 * EarlyConnection.Result result = early.handshake();
 * try (Connection connection = result.connection()) {
 *   if (result instanceof EarlyConnection.Result.Rejected) {
 *     SendStream again = connection.openUni();
 *     again.write(question);
 *     again.finish();
 *   }
 *   byte[] answer = connection.acceptUni().readAll(1024);
 * }
 * }</pre>
 *
 * <p>What it saves: the certificates' flight and its cryptography, and the data is at the peer when
 * the handshake ends. A Warren peer's application gets it no earlier than data that was sent with
 * the end of an ordinary handshake, unless there is more than fits into a first flight.
 *
 * <p>Any thread may call any method; those that wait must not be called on an event loop. Hooks
 * ({@link EndpointHooks#afterHandshake}) are asked when the handshake has ended; their veto ends
 * the connection, not what was sent before.
 */
public final class EarlyConnection implements AutoCloseable {
  private final QuicConnection quic;
  private final CompletableFuture<Result> outcome;
  private final boolean early;

  /** How the handshake ended: with a connection, and the fate of what was sent before. */
  public sealed interface Result {
    /** The connection, its peer's identity proved. */
    Connection connection();

    /**
     * The peer took the early data; streams opened early go on.
     *
     * @param connection the connection
     */
    record Accepted(Connection connection) implements Result {}

    /**
     * The peer did not take the early data: it was restarted, or allows none. Streams opened early
     * have failed with {@link StreamException}, and the peer's application gets nothing of them:
     * send the data again on new streams. Early datagrams are lost, but those that were still
     * queued may arrive.
     *
     * @param connection the connection
     */
    record Rejected(Connection connection) implements Result {}
  }

  EarlyConnection(QuicConnection quic, CompletableFuture<Connection> admitted, boolean early) {
    this.quic = quic;
    this.early = early;
    this.outcome =
        admitted.thenApply(
            c ->
                quic.earlyData().map(EarlyData::refused).orElse(false)
                    ? new Result.Rejected(c)
                    : new Result.Accepted(c));
  }

  /**
   * Whether the handshake was under way when the dial gave this back, so that what is sent can be
   * replayed. If not, there was no ticket, the handshake has ended, and {@link #handshake} returns
   * at once with {@link Result.Accepted}.
   */
  public boolean isEarly() {
    return early;
  }

  // ---- sending ----

  /**
   * Opens a bidirectional stream, waiting while the limit that the peer set the last time is
   * reached. Nothing can be read from it before the handshake has ended.
   */
  public BiStream openBi() throws PeerException, InterruptedIOException {
    return bi(Blocking.await(open(true), PeerException.class, "openBi"));
  }

  /** As {@link #openBi} without blocking; cancelling leaves the queue for the stream limit. */
  public CompletableFuture<BiStream> openBiAsync() {
    CompletableFuture<StreamChannel> opened = open(true);
    return Promises.expose(
        opened.thenApply(EarlyConnection::bi),
        quic.callbacks(),
        () -> opened.cancel(true),
        BiStream::close);
  }

  /** Opens a unidirectional stream; see {@link #openBi}. */
  public SendStream openUni() throws PeerException, InterruptedIOException {
    return new SendStream(Blocking.await(open(false), PeerException.class, "openUni"));
  }

  /** As {@link #openUni} without blocking. */
  public CompletableFuture<SendStream> openUniAsync() {
    CompletableFuture<StreamChannel> opened = open(false);
    return Promises.expose(
        opened.thenApply(SendStream::new),
        quic.callbacks(),
        () -> opened.cancel(true),
        SendStream::close);
  }

  private CompletableFuture<StreamChannel> open(boolean bidirectional) {
    Optional<EarlyData> data = quic.earlyData();
    return data.isPresent() ? data.get().open(bidirectional) : quic.streams().open(bidirectional);
  }

  private static BiStream bi(StreamChannel stream) {
    return new BiStream(new SendStream(stream), new RecvStream(stream));
  }

  /** Largest datagram that can be sent, bytes; empty if the peer takes none. */
  public OptionalInt maxDatagramSize() {
    int max = quic.maxDatagram();
    return max > 0 ? OptionalInt.of(max) : OptionalInt.empty();
  }

  /**
   * Sends what remains in {@code datagram}, as unreliably as {@link Connection#sendDatagram}; after
   * a rejection it is dropped.
   *
   * @throws DatagramException if it is empty, too large, or the peer takes none
   */
  public void sendDatagram(ByteBuffer datagram) throws DatagramException {
    int n = datagram.remaining();
    int max = quic.maxDatagram();
    if (n == 0 || n > max) {
      throw DatagramException.size(quic.remoteId(), n, max);
    }
    ByteBuf copy = quic.channel().alloc().directBuffer(n).writeBytes(datagram);
    quic.earlyData()
        .ifPresentOrElse(data -> data.sendDatagram(copy), () -> quic.sendDatagram(copy));
  }

  // ---- the end of the handshake ----

  /**
   * Waits until the peer has proved its identity, and tells whether it took the early data. May be
   * called again, with the same result.
   *
   * @throws PeerConnectException as an ordinary dial; the streams have failed then too
   */
  public Result handshake() throws PeerException, InterruptedIOException {
    // A copy: an interrupt cancels what it waits for.
    return Blocking.await(outcome.copy(), PeerException.class, "handshake");
  }

  /** As {@link #handshake} without blocking; cancelling gives up waiting only. */
  public CompletableFuture<Result> handshakeAsync() {
    return Promises.expose(outcome, quic.callbacks(), () -> {});
  }

  /** Gives up the dial, or closes the connection with code 0 if the handshake has ended. */
  @Override
  public void close() {
    quic.close(0, "");
  }

  @Override
  public String toString() {
    return "EarlyConnection[" + quic.phase() + "]";
  }
}
