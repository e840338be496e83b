package dev.warren.core.netty;

import dev.warren.base.DatagramException;
import dev.warren.base.PeerException;
import dev.warren.core.Connection;
import dev.warren.core.StreamAccess;
import dev.warren.core.io.Blocking;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;

/**
 * Streams as Netty channels, and datagrams as buffers: a stream's handler owns every message that
 * it reads and releases it; a write takes ownership as always in Netty.
 *
 * <p>The handler runs on the connection's event loop, must not block there, and has the stream for
 * itself. The channel is in <em>manual read</em> mode: ask with {@code ctx.read()}. Reads bring
 * {@link QuicStreamFrame}s; the last one has its FIN flag set. It is the handler that keeps the
 * codec's rules: end with {@link QuicStreamFrame#EMPTY_FIN} or a frame with the flag through {@code
 * write}, never with {@code shutdownOutput()} while a write is pending, which truncates the stream
 * silently. The connection is proved before any stream exists. Stateless.
 */
public final class NettyConnection {
  private NettyConnection() {}

  /** Opens a stream for {@code handler}, waiting while the peer's stream limit is reached. */
  public static CompletableFuture<QuicStreamChannel> open(
      Connection connection, boolean bidirectional, ChannelHandler handler) {
    return StreamAccess.connection(connection).streams().openRaw(bidirectional, handler);
  }

  /**
   * From now on each stream of the peer gets {@code handler}, as a rule a {@link
   * io.netty.channel.ChannelInitializer}; those that wait to be accepted get it first. {@code
   * acceptBi} and {@code acceptUni} see no more streams.
   *
   * @throws IllegalArgumentException if the handler is not sharable
   */
  public static void accept(Connection connection, ChannelHandler handler) {
    if (!handler.getClass().isAnnotationPresent(ChannelHandler.Sharable.class)
        && !(handler instanceof io.netty.channel.ChannelInitializer)) {
      throw new IllegalArgumentException("one handler for many streams must be @Sharable");
    }
    StreamAccess.connection(connection).streams().acceptRaw(handler);
  }

  /**
   * As {@link Connection#sendDatagram}, without a copy. Takes ownership of {@code datagram}, on
   * success and failure.
   *
   * @throws DatagramException if it is empty, too large, or the peer takes none
   */
  public static void sendDatagram(Connection connection, ByteBuf datagram)
      throws DatagramException {
    int n = datagram.readableBytes();
    int max = connection.maxDatagramSize().orElse(0);
    if (n == 0 || n > max) {
      datagram.release();
      throw DatagramException.size(connection.remoteId(), n, max);
    }
    StreamAccess.connection(connection).sendDatagram(datagram);
  }

  /** As {@link Connection#receiveDatagram}; <em>the caller releases the buffer</em>. Blocks. */
  public static ByteBuf receiveDatagram(Connection connection)
      throws PeerException, InterruptedIOException {
    return Blocking.await(
        StreamAccess.connection(connection).datagrams().take(),
        PeerException.class,
        "receiveDatagram");
  }
}
