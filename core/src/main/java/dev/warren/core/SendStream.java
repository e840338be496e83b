package dev.warren.core;

import dev.warren.base.PeerException;
import dev.warren.core.io.Promises;
import dev.warren.core.io.SendHalf;
import dev.warren.core.io.StreamChannel;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The sending direction of a stream.
 *
 * <p>The peer learns of a stream with its first byte (or its end), not when it is opened. A {@code
 * write} returns when the bytes are queued within a bound, not when they are acknowledged; what was
 * accepted and then {@linkplain #finish() finished} is delivered or the loss is reported. Closing
 * the connection overtakes data: let the side that receives last close it.
 *
 * <p>Blocking methods may run on any thread but an event loop (an {@link IllegalStateException}
 * there); an interrupt aborts them with {@link InterruptedIOException}, keeps the flag, and resets
 * the stream, since half a message is of no use. One writer at a time.
 */
public final class SendStream implements AutoCloseable {
  private final StreamChannel stream;
  private final SendHalf half;

  SendStream(StreamChannel stream) {
    this.stream = stream;
    this.half = stream.send();
  }

  /** How a sending direction ended. */
  public enum End {
    /** The peer acknowledged everything. */
    ACKNOWLEDGED,
    /** The peer asked us to stop; QUIC's code for it is not available from the codec. */
    STOPPED,
    /** We reset it. */
    RESET,
    /** The connection ended first. */
    LOST
  }

  /** QUIC's stream id. */
  public long id() {
    return stream.id();
  }

  /** Queues all bytes; blocks while the send buffer is full. */
  public void write(byte[] bytes) throws PeerException, InterruptedIOException {
    write(ByteBuffer.wrap(bytes));
  }

  /** Queues {@code length} bytes from {@code offset}; blocks while the send buffer is full. */
  public void write(byte[] bytes, int offset, int length)
      throws PeerException, InterruptedIOException {
    write(ByteBuffer.wrap(bytes, offset, length));
  }

  /**
   * Queues what remains in {@code src}; blocks while the send buffer is full. The bytes are copied.
   */
  public void write(ByteBuffer src) throws PeerException, InterruptedIOException {
    half.write(src);
  }

  /**
   * Queues what remains in {@code src} without blocking. The future completes when QUIC has
   * accepted it all; until then {@code src} must not be changed. Await one before the next: more
   * than 64 MiB unawaited fail with {@link IllegalStateException}. Cancelling resets the stream.
   */
  public CompletableFuture<Void> writeAsync(ByteBuffer src) {
    ByteBuffer view = src.duplicate();
    src.position(src.limit());
    return Promises.expose(
        half.writeBuffer(Unpooled.wrappedBuffer(view)), stream.callbacks(), () -> reset(0));
  }

  /**
   * Which streams go first when the connection is full: 0 (default) to 127, higher first. Local
   * scheduling only.
   */
  public void setPriority(int priority) {
    if (priority < 0 || priority > 127) {
      throw new IllegalArgumentException("priority must be 0 to 127, not " + priority);
    }
    stream.priority(priority);
  }

  /** Says that this is all: the peer reads to the end. Returns at once. Idempotent. */
  public void finish() throws PeerException {
    half.finish();
  }

  /** Abandons the stream; the peer's reads fail with {@code code} (0 to 2^31-1). */
  public void reset(long code) {
    half.reset(Codes.check(code));
  }

  /**
   * Completes when nothing more will be sent: everything acknowledged after {@code finish}, stopped
   * by the peer, reset, or lost. On the callback executor. For a bidirectional stream the
   * acknowledgement is known only once the receiving direction has ended too.
   */
  public CompletableFuture<End> ended() {
    stream.watchSending();
    return Promises.expose(
        half.ended()
            .thenApply(
                state ->
                    switch (state) {
                      case OPEN, FINISHED -> End.ACKNOWLEDGED;
                      case STOPPED -> End.STOPPED;
                      case RESET -> End.RESET;
                      case LOST -> End.LOST;
                    }),
        stream.callbacks(),
        () -> {});
  }

  /**
   * An {@link OutputStream} whose {@code close()} is {@link #finish()}, as everybody expects of
   * one.
   */
  public OutputStream asOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        SendStream.this.write(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        SendStream.this.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        finish();
      }
    };
  }

  /**
   * Resets the stream with code 0 unless {@link #finish()} was called: an exception in a
   * try-with-resources block must not look like a complete message.
   */
  @Override
  public void close() {
    if (half.state() == SendHalf.State.OPEN) {
      half.reset(0);
    }
  }

  StreamChannel channel() {
    return stream;
  }

  SendHalf half() {
    return half;
  }
}
