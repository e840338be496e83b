package dev.warren.testlab;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Runs a parser on hostile input and fails if it takes absurdly long or allocates more than it may.
 * The time is that of the processor, and so generous that only a loop out of proportion to the
 * input can exceed it.
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

  /**
   * Runs {@code task} on this thread; it may allocate {@code maxBytes} in all. What goes beyond is
   * run once more, since the first run may have loaded classes.
   */
  public static void run(long maxBytes, Task task) throws Exception {
    if (measure(task).isWithin(maxBytes)) {
      return;
    }
    Cost again = measure(task);
    if (!again.isWithin(maxBytes)) {
      throw new AssertionError(
          "took " + again.time.toMillis() + " ms and " + again.bytes + " bytes of " + maxBytes);
    }
  }

  private record Cost(Duration time, long bytes) {
    boolean isWithin(long maxBytes) {
      return time.compareTo(LONGEST) <= 0 && bytes <= maxBytes;
    }
  }

  private static Cost measure(Task task) throws Exception {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long start = THREADS.getCurrentThreadCpuTime();
    task.run();
    return new Cost(
        Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start),
        THREADS.getCurrentThreadAllocatedBytes() - bytes);
  }
}
