package dev.warren.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system and the JVM say of a process. Linux. */
final class Machine {
  /** USER_HZ: the unit of times in /proc, 100 on every Linux of today. */
  private static final double TICKS = 100;

  private Machine() {}

  static double cpuSeconds(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      // proc(5): utime and stime are the 14th and 15th fields; the state is the third.
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static double ownCpuSeconds() {
    return cpuSeconds(ProcessHandle.current().pid());
  }

  /**
   * Resident bytes outside the heap and live bytes inside it. The heap must be of fixed size and
   * touched at start, so that the first does not change with the second.
   */
  static long memory() throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(200);
    }
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return Long.parseLong(pages[1]) * 4096 + heap;
  }
}
