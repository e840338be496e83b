package dev.warren.core.netty;

import dev.warren.base.PeerException;
import dev.warren.core.RecvStream;
import dev.warren.core.SendStream;
import dev.warren.core.StreamAccess;
import io.netty.buffer.ByteBuf;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Streams in terms of {@link ByteBuf}: no copy but QUIC's own. Stateless. */
public final class NettyStreams {
  private NettyStreams() {}

  /**
   * Takes ownership of {@code data}, on success and failure. Blocks while the send buffer is full.
   */
  public static void write(SendStream stream, ByteBuf data)
      throws PeerException, InterruptedIOException {
    StreamAccess.send(stream).writeBufferBlocking(data);
  }

  /**
   * Takes ownership of {@code data}, on success and failure. Completes when QUIC accepted it, on
   * the connection's event loop if all goes well, so do not block in what depends on it.
   */
  public static CompletableFuture<Void> writeAsync(SendStream stream, ByteBuf data) {
    return StreamAccess.send(stream).writeBuffer(data);
  }

  /** The next bytes; <em>the caller releases them</em>. Empty at the end of the stream. Blocks. */
  public static Optional<ByteBuf> read(RecvStream stream)
      throws PeerException, InterruptedIOException {
    return Optional.ofNullable(StreamAccess.recv(stream).readBuffer());
  }
}
