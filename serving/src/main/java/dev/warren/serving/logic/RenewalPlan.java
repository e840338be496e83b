package dev.warren.serving.logic;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When to order a certificate: at once without one, else when a third of its validity is left (as
 * other servers of this network do), and after a failure again in a time that doubles. Validity is
 * by the wall clock, waiting by one that never jumps. Not thread-safe.
 */
public final class RenewalPlan {
  /** Two failures a day at most, while a third of 90 days is left to somebody who reads logs. */
  private static final Duration LONGEST_RETRY = Duration.ofHours(6);

  private final Duration firstRetry;
  private @Nullable Instant renewAt;
  private int failures;
  private long notBefore;
  private boolean waiting;

  public RenewalPlan(Duration firstRetry) {
    this.firstRetry = firstRetry;
  }

  /** There is a certificate that is valid between these times. */
  public void certified(Instant from, Instant until) {
    renewAt = until.minus(Duration.between(from, until).dividedBy(3));
    failures = 0;
    waiting = false;
  }

  /**
   * An order failed.
   *
   * @param nanos of a clock that never jumps
   * @return how long it waits
   */
  public Duration failed(long nanos) {
    Duration wait = firstRetry.multipliedBy(1L << Math.min(failures, 20));
    wait = wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
    failures++;
    notBefore = nanos + wait.toNanos();
    waiting = true;
    return wait;
  }

  /** Whether it is time to order. */
  public boolean isDue(Instant now, long nanos) {
    return (renewAt == null || !now.isBefore(renewAt)) && !(waiting && nanos - notBefore < 0);
  }
}
