package dev.warren.core.io;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that decides on which threads handlers and callbacks run: virtual threads where the
 * JDK has them (21 and later), else a cached pool of daemon threads. Stateless.
 */
public final class CallbackExecutors {
  private static final Logger LOG = LoggerFactory.getLogger(CallbackExecutors.class);

  private CallbackExecutors() {}

  /**
   * Runs what {@code executor} rejects (because it is full, or was shut down before its endpoint)
   * in the common pool: a wake-up that is lost would leave somebody waiting for ever.
   */
  public static Executor neverRejecting(Executor executor) {
    return task -> {
      try {
        executor.execute(task);
      } catch (RejectedExecutionException e) {
        LOG.debug("callback executor rejects: {}", e.toString());
        ForkJoinPool.commonPool().execute(task);
      }
    };
  }

  /** A new executor; the endpoint that asked shuts it down. */
  public static ExecutorService create() {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException olderJdk) {
      return new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new DefaultThreadFactory("warren-callback", true));
    }
  }
}
