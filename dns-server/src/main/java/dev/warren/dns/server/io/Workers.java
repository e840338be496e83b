package dev.warren.dns.server.io;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what takes longer than an event loop may: checking keys and signatures, a tenth of a
 * millisecond each. What they have no room for is refused. Any thread.
 */
public final class Workers implements Executor {
  /** Half a second's work. */
  private static final int QUEUE = 4096;

  private static final int KEEP_SECONDS = 30;

  private final ThreadPoolExecutor threads;

  public Workers() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors());
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            new DefaultThreadFactory("warren-dns-worker", true));
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * @throws java.util.concurrent.RejectedExecutionException if there is too much to do
   */
  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** What waits is dropped. Idempotent. */
  public void close() {
    threads.shutdownNow();
  }
}
