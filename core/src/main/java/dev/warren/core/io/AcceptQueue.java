package dev.warren.core.io;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Things that arrived and the callers who wait for one, first come first served. The queue of
 * things has a limit; {@link #offer} says when it is full. Any thread.
 */
public final class AcceptQueue<T> {
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<T> ready = new ArrayDeque<>();
  private final ArrayDeque<CompletableFuture<T>> waiting = new ArrayDeque<>();
  private @Nullable Supplier<? extends Throwable> end;

  public AcceptQueue(int limit) {
    this.limit = limit;
  }

  /** False if the queue is full or has ended; the thing stays with the caller then. */
  public boolean offer(T thing) {
    for (; ; ) {
      CompletableFuture<T> waiter;
      lock.lock();
      try {
        if (end != null) {
          return false;
        }
        waiter = waiting.poll();
        if (waiter == null) {
          if (ready.size() >= limit) {
            return false;
          }
          ready.add(thing);
          return true;
        }
      } finally {
        lock.unlock();
      }
      if (waiter.complete(thing)) {
        return true;
      }
    }
  }

  /** The next thing; cancel the future to give up the place in the queue. */
  public CompletableFuture<T> take() {
    lock.lock();
    try {
      T thing = ready.poll();
      if (thing != null) {
        return CompletableFuture.completedFuture(thing);
      }
      if (end != null) {
        return CompletableFuture.failedFuture(end.get());
      }
      waiting.removeIf(CompletableFuture::isDone);
      CompletableFuture<T> waiter = new CompletableFuture<>();
      waiting.add(waiter);
      return waiter;
    } finally {
      lock.unlock();
    }
  }

  /** Returns what was taken for a caller who has gone; it is the next again. */
  public void giveBack(T thing) {
    for (; ; ) {
      CompletableFuture<T> waiter;
      lock.lock();
      try {
        waiter = waiting.poll();
        if (waiter == null) {
          ready.addFirst(thing);
          return;
        }
      } finally {
        lock.unlock();
      }
      if (waiter.complete(thing)) {
        return;
      }
    }
  }

  /** How many things wait. */
  public int size() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  public boolean remove(T thing) {
    lock.lock();
    try {
      return ready.remove(thing);
    } finally {
      lock.unlock();
    }
  }

  /** Fails all who wait and all who come; what is queued can still be taken. */
  public void end(Supplier<? extends Throwable> cause) {
    ArrayDeque<CompletableFuture<T>> failed;
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = cause;
      failed = new ArrayDeque<>(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    failed.forEach(w -> w.completeExceptionally(cause.get()));
  }

  /** Takes everything that is queued. */
  public ArrayDeque<T> drain() {
    lock.lock();
    try {
      ArrayDeque<T> all = new ArrayDeque<>(ready);
      ready.clear();
      return all;
    } finally {
      lock.unlock();
    }
  }
}
