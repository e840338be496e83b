package dev.warren.core.io;

import dev.warren.base.PeerException;
import dev.warren.base.StreamException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sending direction of a stream: an outbox of buffers between the one writer and the event
 * loop.
 *
 * <p>{@code pending} counts the bytes that quiche has not accepted yet (its own send buffer is
 * bounded by the congestion window). A writer blocks while it is above {@code limit}. Small writes
 * that meet a buffer not yet taken by the loop are appended to it: the codec sends packets at once
 * for each write (netty-quic-notes section 4.3), so this is the only batching there is.
 *
 * <p>The end is always a FIN frame that goes through the same queue: {@code shutdownOutput()}
 * overtakes pending writes and truncates the stream (section 4.1).
 *
 * <p>Threads: {@code on…} methods and {@code drain} on the event loop, the rest on any thread but
 * an event loop.
 */
public final class SendHalf {
  /** How this direction stands. */
  public enum State {
    OPEN,
    /** {@code finish} was called; the FIN is queued or sent. */
    FINISHED,
    RESET,
    /** The peer asked us to stop. */
    STOPPED,
    /** The connection is gone. */
    LOST
  }

  /**
   * Largest single write to the codec: more gains nothing, and memory is held until it is through.
   */
  private static final int CHUNK = 64 * 1024;

  /** A write below this many bytes gets room for its successors. */
  private static final int SMALL = 4 * 1024;

  /** Bytes of unawaited asynchronous writes beyond which the caller is told to await. */
  private static final long ASYNC_LIMIT = 64L * 1024 * 1024;

  private final StreamChannel stream;
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CompletableFuture<State> ended = new CompletableFuture<>();

  // Guarded by lock.
  private final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();

  /** Who waits for writes that the codec has and QUIC has not accepted; it may never say more. */
  private final Set<CompletableFuture<Void>> inCodec = new LinkedHashSet<>();

  private long pending;
  private boolean scheduled;
  private boolean finSent;
  private State state = State.OPEN;
  private @Nullable Supplier<PeerException> lost;

  /** One write to the codec; {@code done} tells a caller who waits for exactly this one. */
  record Outgoing(
      ByteBuf data, boolean fin, boolean open, @Nullable CompletableFuture<Void> done) {}

  SendHalf(StreamChannel stream, int limit) {
    this.stream = stream;
    this.limit = limit;
  }

  public State state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  /** Completes when nothing more will be sent: acknowledged, stopped, reset or lost. */
  public CompletableFuture<State> ended() {
    return ended;
  }

  // ---- writer ----

  /** Blocks until all of {@code src} is queued within the limit. */
  public void write(ByteBuffer src) throws PeerException, InterruptedIOException {
    Blocking.assertAllowed();
    while (src.hasRemaining()) {
      lock.lock();
      try {
        awaitRoom();
        enqueueCopy(src);
      } finally {
        lock.unlock();
      }
    }
  }

  private void awaitRoom() throws PeerException, InterruptedIOException {
    try {
      failIfEnded();
      while (pending >= limit) {
        changed.await();
        failIfEnded();
      }
    } catch (InterruptedException e) {
      // A half-written message is of no use to the peer.
      reset(0);
      throw Blocking.interrupted("write");
    }
  }

  private void enqueueCopy(ByteBuffer src) {
    int n = Math.min(src.remaining(), CHUNK);
    Outgoing last = outbox.peekLast();
    if (last != null && last.open() && last.data().writableBytes() >= n) {
      append(last.data(), src, n);
    } else {
      ByteBuf copy = stream.alloc().directBuffer(n < SMALL ? SMALL : n);
      append(copy, src, n);
      outbox.add(new Outgoing(copy, false, true, null));
    }
    pending += n;
    schedule();
  }

  private static void append(ByteBuf to, ByteBuffer src, int n) {
    int end = src.limit();
    src.limit(src.position() + n);
    to.writeBytes(src);
    src.limit(end);
  }

  /**
   * Queues {@code data}, taking ownership whatever happens; completes when QUIC accepted it all.
   */
  public CompletableFuture<Void> writeBuffer(ByteBuf data) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    int n = data.readableBytes();
    lock.lock();
    try {
      failIfEnded();
      if (n == 0) {
        data.release();
        return CompletableFuture.completedFuture(null);
      }
      if (pending > 0 && pending + n > ASYNC_LIMIT) {
        throw new IllegalStateException(
            "more than " + ASYNC_LIMIT + " bytes are queued: await earlier writes");
      }
      outbox.add(new Outgoing(data, false, false, done));
      pending += n;
      schedule();
    } catch (PeerException | RuntimeException e) {
      data.release();
      done.completeExceptionally(e);
    } finally {
      lock.unlock();
    }
    return done;
  }

  /**
   * As {@link #writeBuffer}, but waits for room first; for zero-copy writers that want
   * back-pressure.
   */
  public void writeBufferBlocking(ByteBuf data) throws PeerException, InterruptedIOException {
    lock.lock();
    try {
      Blocking.assertAllowed();
      awaitRoom();
      int n = data.readableBytes();
      if (n > 0) {
        outbox.add(new Outgoing(data.retain(), false, false, null));
        pending += n;
        schedule();
      }
    } finally {
      lock.unlock();
      data.release();
    }
  }

  /** Queues the FIN. Idempotent. */
  public void finish() throws PeerException {
    lock.lock();
    try {
      if (state == State.FINISHED) {
        return;
      }
      failIfEnded();
      state = State.FINISHED;
      outbox.add(new Outgoing(Unpooled.EMPTY_BUFFER, true, false, null));
      schedule();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Abandons the stream with a RESET_STREAM. No effect once the FIN was accepted or the end came.
   */
  public void reset(long code) {
    lock.lock();
    try {
      if (state != State.OPEN && !(state == State.FINISHED && !finSent)) {
        return;
      }
      state = State.RESET;
      failOutbox();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    ended.complete(State.RESET);
    stream.resetSending(code);
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      stream.scheduleDrain();
    }
  }

  private void failIfEnded() throws PeerException {
    switch (state) {
      case FINISHED -> throw StreamException.finished(stream.remoteId());
      case RESET -> throw StreamException.resetByUs(stream.remoteId());
      case STOPPED -> throw StreamException.stopped(stream.remoteId());
      case LOST -> throw lost.get();
      default -> {}
    }
  }

  // ---- event loop ----

  boolean hasPending() {
    lock.lock();
    try {
      return pending > 0;
    } finally {
      lock.unlock();
    }
  }

  /** The next write for the codec, or null when the outbox is empty. */
  @Nullable Outgoing poll() {
    lock.lock();
    try {
      Outgoing next = outbox.poll();
      if (next == null) {
        scheduled = false;
        return null;
      }
      if (next.done() != null) {
        inCodec.add(next.done());
      }
      if (!next.fin()) {
        Outgoing after = outbox.peek();
        if (after != null && after.fin()) {
          // The FIN rides on the last data: one packet less, and one write less to wait for.
          outbox.poll();
          return new Outgoing(next.data(), true, false, next.done());
        }
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  void onWritten(Outgoing written, int bytes, Future<?> result) {
    if (written.done() != null) {
      lock.lock();
      try {
        inCodec.remove(written.done());
      } finally {
        lock.unlock();
      }
    }
    if (result.isSuccess()) {
      lock.lock();
      try {
        long before = pending;
        pending -= bytes;
        finSent |= written.fin();
        if (before > limit / 2 && pending <= limit / 2) {
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
      if (written.done() != null) {
        written.done().complete(null);
      }
    } else if (written.done() != null) {
      written.done().completeExceptionally(failure());
    }
  }

  private Throwable failure() {
    lock.lock();
    try {
      failIfEnded();
      return StreamException.stopped(stream.remoteId());
    } catch (PeerException e) {
      return e;
    } finally {
      lock.unlock();
    }
  }

  void onStopped() {
    end(State.STOPPED, null);
  }

  void onAcknowledged() {
    ended.complete(State.FINISHED);
  }

  void onLost(Supplier<PeerException> cause) {
    end(State.LOST, cause);
  }

  private void end(State to, @Nullable Supplier<PeerException> cause) {
    lock.lock();
    try {
      if (state == State.OPEN || state == State.FINISHED) {
        state = to;
        lost = cause;
      }
      failOutbox();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    ended.complete(to);
  }

  private void failOutbox() {
    List<CompletableFuture<Void>> waiting = new ArrayList<>(inCodec);
    inCodec.clear();
    for (Outgoing o = outbox.poll(); o != null; o = outbox.poll()) {
      o.data().release();
      if (o.done() != null) {
        waiting.add(o.done());
      }
    }
    if (!waiting.isEmpty()) {
      stream
          .callbacks()
          .execute(() -> waiting.forEach(done -> done.completeExceptionally(failure())));
    }
  }
}
