package dev.warren.dns.server.store.queue;

import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A few threads that read, since a disk or a database may let them wait, and a bounded queue. */
public final class Readers implements AutoCloseable {
  /** Most reads that wait: what a flood of queries for unknown keys may take of the heap. */
  public static final int CAPACITY = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(Readers.class);
  private static final long CLOSE_SECONDS = 10;

  /** What is read. */
  @FunctionalInterface
  public interface Read<T> {
    T run() throws StoreException;
  }

  private final StoreCounters counters;
  private final ThreadPoolExecutor threads;

  /** Starts threads as they are needed, at most {@code most}. */
  public Readers(int most, StoreCounters counters) {
    this.counters = counters;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            most,
            most,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(CAPACITY),
            task -> {
              Thread thread =
                  new Thread(task, "warren-dns-store-reader-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Runs {@code read} on one of the threads. */
  public <T> CompletionStage<T> submit(Read<T> read) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      threads.execute(() -> run(read, done));
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(refusal());
    }
    return done;
  }

  private StoreException refusal() {
    if (threads.isShutdown()) {
      return new StoreException(Reason.CLOSED, "the packet store is closed");
    }
    counters.countOverloaded();
    return new StoreException(
        Reason.OVERLOADED,
        CAPACITY + " reads are waiting for the packet store already; try again later");
  }

  private <T> void run(Read<T> read, CompletableFuture<T> done) {
    try {
      done.complete(read.run());
    } catch (StoreException e) {
      count(e);
      done.completeExceptionally(e);
    } catch (RuntimeException | Error e) {
      LOG.error("a read of the packet store failed in a way that it does not know", e);
      counters.countFailed(1);
      done.completeExceptionally(
          new StoreException(Reason.UNAVAILABLE, "the packet store failed: " + e, e));
    }
  }

  private void count(StoreException e) {
    if (e.reason() == Reason.DAMAGED) {
      counters.countDamaged();
    } else {
      counters.countFailed(1);
    }
  }

  /** Serves what is queued, for at most 10 s. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the packet store did not finish its reads within {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
