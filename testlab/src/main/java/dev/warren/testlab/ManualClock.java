package dev.warren.testlab;

import java.time.Duration;

/** A clock that moves only when told. Not thread-safe. */
public final class ManualClock {
  private long now;

  /** Starts at {@code startNanos}; any value is legal, as for {@link System#nanoTime()}. */
  public ManualClock(long startNanos) {
    this.now = startNanos;
  }

  public ManualClock() {
    this(0);
  }

  public long nanoTime() {
    return now;
  }

  /** Moves on and returns the new time. */
  public long advance(Duration by) {
    now += by.toNanos();
    return now;
  }
}
