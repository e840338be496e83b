package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

/**
 * When the candidates are probed after a dial: at 0, 25, 60, 120, 250, 500, 1000 and 2000 ms
 * (design section 5). Socket loop only; times in nanoseconds.
 */
final class ProbeSchedule {
  private static final long MS = 1_000_000L;
  private static final long[] STEPS = {0, 25, 60, 120, 250, 500, 1000, 2000};

  private long start = NEVER;
  private int step = STEPS.length;

  void start(long now) {
    start = now;
    step = 0;
  }

  void stop() {
    step = STEPS.length;
  }

  boolean running() {
    return step < STEPS.length;
  }

  /** Takes the steps that are due; true if there was one. */
  boolean take(long now) {
    int before = step;
    while (running() && now - start >= STEPS[step] * MS) {
      step++;
    }
    return step > before;
  }

  /** When the next step is due; {@link UdpPath#NEVER} if there is none. */
  long next() {
    return running() ? start + STEPS[step] * MS : NEVER;
  }
}
