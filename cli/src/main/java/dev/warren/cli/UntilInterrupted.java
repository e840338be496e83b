package dev.warren.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Serving ends by SIGINT, SIGTERM or {@link #stop()}: the endpoint or server is closed, so that
 * peers hear of it, and the exit code is 0, since an interrupt is how serving ends and not a
 * failure.
 */
final class UntilInterrupted {
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Blocks until then. Interrupted, the process runs {@code close} and ends here. */
  void serve(Runnable close) throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  close.run();
                  Runtime.getRuntime().halt(0);
                }));
    stopped.await();
  }

  void stop() {
    stopped.countDown();
  }
}
