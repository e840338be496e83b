package dev.warren.cli;

import dev.warren.core.Endpoint;
import java.util.concurrent.CountDownLatch;

/**
 * Serving ends by SIGINT, SIGTERM or {@link #stop()}: the endpoint is closed, so that peers hear of
 * it, and the exit code is 0, since an interrupt is how serving ends and not a failure.
 */
final class UntilInterrupted {
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Blocks until then. Interrupted, the process ends here. */
  void serve(Endpoint endpoint) throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  endpoint.close();
                  Runtime.getRuntime().halt(0);
                }));
    stopped.await();
  }

  void stop() {
    stopped.countDown();
  }
}
