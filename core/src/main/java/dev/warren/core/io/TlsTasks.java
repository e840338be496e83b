package dev.warren.core.io;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Where the tasks of a TLS handshake run: on the event loop as long as they are few, on a pool when
 * they come in a burst, so that data of other connections does not wait for certificates.
 *
 * <p>A task takes some tens of microseconds once the peer's certificate is known (the check is a
 * look-up then), less than the two thread switches of a pool; each handshake has several. For a
 * stranger it takes about a millisecond. One event loop only.
 */
final class TlsTasks implements Executor {
  /** Half of the loop's time, in portions that no round-trip time notices. */
  static final long WINDOW = 5_000_000L;

  static final long BUDGET = 2_500_000L;

  private final Executor pool;
  private final LongSupplier clock;
  private long windowStart;
  private long spent;

  /** The clock counts nanoseconds. */
  TlsTasks(Executor pool, LongSupplier clock) {
    this.pool = pool;
    this.clock = clock;
    this.windowStart = clock.getAsLong();
  }

  @Override
  public void execute(Runnable task) {
    long start = clock.getAsLong();
    if (start - windowStart >= WINDOW) {
      windowStart = start;
      spent = 0;
    }
    if (spent >= BUDGET) {
      pool.execute(task);
      return;
    }
    try {
      task.run();
    } finally {
      spent += clock.getAsLong() - start;
    }
  }
}
