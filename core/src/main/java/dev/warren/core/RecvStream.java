package dev.warren.core;

import dev.warren.base.PeerException;
import dev.warren.base.StreamException;
import dev.warren.core.io.Promises;
import dev.warren.core.io.RecvHalf;
import dev.warren.core.io.StreamChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The receiving direction of a stream. Bytes are read from QUIC a bounded way ahead of the reader;
 * what is not read holds the peer back by flow control.
 *
 * <p>Blocking methods may run on any thread but an event loop (an {@link IllegalStateException}
 * there); an interrupt aborts them with {@link InterruptedIOException} and keeps the flag. One
 * reader at a time. After a reset by the peer, what was read ahead can still be read, then reads
 * fail; bytes that QUIC had not handed over yet are lost.
 */
public final class RecvStream implements AutoCloseable {
  private final StreamChannel stream;
  private final RecvHalf half;

  RecvStream(StreamChannel stream) {
    this.stream = stream;
    this.half = stream.recv();
    half.begin();
  }

  /** How a receiving direction ended. */
  public enum End {
    /** The peer finished. */
    FINISHED,
    /** The peer reset it. */
    RESET,
    /** We stopped it. */
    STOPPED,
    /** The connection ended first. */
    LOST
  }

  /** QUIC's stream id. */
  public long id() {
    return stream.id();
  }

  /** Blocks for at least one byte; -1 at the end. */
  public int read(byte[] bytes) throws PeerException, InterruptedIOException {
    return read(ByteBuffer.wrap(bytes));
  }

  /** Blocks for at least one byte; -1 at the end. */
  public int read(byte[] bytes, int offset, int length)
      throws PeerException, InterruptedIOException {
    return read(ByteBuffer.wrap(bytes, offset, length));
  }

  /** Blocks for at least one byte (unless {@code dst} is full); -1 at the end. */
  public int read(ByteBuffer dst) throws PeerException, InterruptedIOException {
    return half.read(dst);
  }

  /**
   * Reads to the end.
   *
   * @throws StreamException of kind LIMIT if there are more than {@code limit} bytes; the stream is
   *     stopped then. There is no unlimited form: a peer decides how much it sends
   */
  public byte[] readAll(int limit) throws PeerException, InterruptedIOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream(Math.min(limit, 8192));
    ByteBuffer chunk = ByteBuffer.allocate(Math.max(1, Math.min(limit, 64 * 1024)));
    while (read(chunk) >= 0) {
      if (all.size() + chunk.position() > limit) {
        stop(0);
        throw StreamException.overLimit(stream.remoteId(), limit);
      }
      all.write(chunk.array(), 0, chunk.position());
      chunk.clear();
    }
    return all.toByteArray();
  }

  /**
   * Fills {@code dst}.
   *
   * @throws StreamException of kind CLOSED if the stream ends before
   */
  public void readFully(ByteBuffer dst) throws PeerException, InterruptedIOException {
    while (dst.hasRemaining()) {
      if (read(dst) < 0) {
        throw StreamException.truncated(stream.remoteId(), dst.remaining());
      }
    }
  }

  /**
   * As {@link #read(ByteBuffer)} without blocking; {@code dst} belongs to the stream until then.
   * Bytes may be lost with a read that is cancelled: close the stream after one.
   */
  public CompletableFuture<Integer> readAsync(ByteBuffer dst) {
    return half.readAsync(dst);
  }

  /** Tells the peer to stop sending; what was not read is thrown away. Codes 0 to 2^31-1. */
  public void stop(long code) {
    half.stop(Codes.check(code));
  }

  /** Completes when the last byte has arrived or will not: finished, reset, stopped or lost. */
  public CompletableFuture<End> ended() {
    return Promises.expose(
        half.ended()
            .thenApply(
                state ->
                    switch (state) {
                      case OPEN, FINISHED -> End.FINISHED;
                      case RESET -> End.RESET;
                      case STOPPED -> End.STOPPED;
                      case LOST -> End.LOST;
                    }),
        stream.callbacks(),
        () -> {});
  }

  /** An {@link InputStream} over this stream; its {@code close()} is {@link #close()}. */
  public InputStream asInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return RecvStream.this.read(one) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        return RecvStream.this.read(bytes, offset, length);
      }

      @Override
      public void close() {
        RecvStream.this.close();
      }
    };
  }

  /** Stops the peer with code 0 unless its end was reached; frees what was not read. */
  @Override
  public void close() {
    half.stop(0);
  }

  StreamChannel channel() {
    return stream;
  }

  RecvHalf half() {
    return half;
  }
}
