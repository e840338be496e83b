package dev.warren.core.io;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one place that decides on which threads handlers and callbacks run: virtual threads where the
 * JDK has them (21 and later), else a cached pool of daemon threads. Stateless.
 */
public final class CallbackExecutors {
  private CallbackExecutors() {}

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
