package dev.warren.testlab;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Runs a parser on hostile input and fails if it takes absurdly long or allocates more than it may.
 * The time is so generous that only a loop out of proportion to the input can exceed it.
 */
public final class Bounded {
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Bounded() {}

  /** What is run. */
  @FunctionalInterface
  public interface Task {
    void run() throws Exception;
  }

  /** Runs {@code task} on this thread; it may allocate {@code maxBytes} in all. */
  public static void run(long maxBytes, Task task) throws Exception {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    task.run();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - bytes;
    if (took.compareTo(LONGEST) > 0 || allocated > maxBytes) {
      throw new AssertionError(
          "took " + took.toMillis() + " ms and " + allocated + " bytes of at most " + maxBytes);
    }
  }
}
