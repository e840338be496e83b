package dev.warren.core.io;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Application datagrams that wait for their reader: when the ring is full the oldest is dropped and
 * counted, since a late datagram is worth less than a fresh one. Owns the buffers in it. Any
 * thread.
 */
public final class DatagramRing {
  private final int limit;
  private final LongAdder overflowed;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<ByteBuf> ring = new ArrayDeque<>();
  private final ArrayDeque<CompletableFuture<ByteBuf>> waiting = new ArrayDeque<>();
  private @Nullable Throwable end;

  DatagramRing(int limit, LongAdder overflowed) {
    this.limit = limit;
    this.overflowed = overflowed;
  }

  void offer(ByteBuf datagram) {
    for (; ; ) {
      CompletableFuture<ByteBuf> waiter;
      lock.lock();
      try {
        if (end != null) {
          datagram.release();
          return;
        }
        waiter = waiting.poll();
        if (waiter == null) {
          ring.add(datagram);
          if (ring.size() > limit) {
            ring.poll().release();
            overflowed.increment();
          }
          return;
        }
      } finally {
        lock.unlock();
      }
      if (waiter.complete(datagram)) {
        return;
      }
    }
  }

  /** The oldest datagram; the caller releases it. */
  public CompletableFuture<ByteBuf> take() {
    lock.lock();
    try {
      ByteBuf datagram = ring.poll();
      if (datagram != null) {
        return CompletableFuture.completedFuture(datagram);
      }
      if (end != null) {
        return CompletableFuture.failedFuture(end);
      }
      waiting.removeIf(CompletableFuture::isDone);
      CompletableFuture<ByteBuf> waiter = new CompletableFuture<>();
      waiting.add(waiter);
      return waiter;
    } finally {
      lock.unlock();
    }
  }

  void end(Throwable cause) {
    ArrayDeque<CompletableFuture<ByteBuf>> failed;
    lock.lock();
    try {
      end = cause;
      ring.forEach(ByteBuf::release);
      ring.clear();
      failed = new ArrayDeque<>(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    failed.forEach(w -> w.completeExceptionally(cause));
  }
}
