package dev.warren.serving.logic;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many lines of a log may be written: so many a second, counted from the first in it. Threads
 * that meet at the turn of a second may write a line too many; no harm. Any thread; the time is an
 * argument.
 */
public final class LineRate {
  private static final long SECOND = 1_000_000_000;

  private final int linesPerSecond;
  private final AtomicLong windowStart;
  private final AtomicLong inWindow = new AtomicLong();
  private final AtomicLong leftOut = new AtomicLong();

  public LineRate(int linesPerSecond, long nanos) {
    this.linesPerSecond = linesPerSecond;
    windowStart = new AtomicLong(nanos);
  }

  /** Whether a line may be written now; one that may not is counted. */
  public boolean mayWrite(long nanos) {
    long start = windowStart.get();
    if (nanos - start >= SECOND && windowStart.compareAndSet(start, nanos)) {
      inWindow.set(0);
    }
    if (inWindow.incrementAndGet() <= linesPerSecond) {
      return true;
    }
    leftOut.incrementAndGet();
    return false;
  }

  /** Lines that were not written since this was asked last. */
  public long takeLeftOut() {
    return leftOut.getAndSet(0);
  }
}
