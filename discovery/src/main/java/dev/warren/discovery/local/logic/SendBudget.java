package dev.warren.discovery.local.logic;

/**
 * How many messages may be sent on one link, whatever is asked of us: a flood of queries must not
 * become a flood of answers. Not thread-safe.
 */
final class SendBudget {
  /** More than a swarm of any size makes a node send; measured: at most 3 a second. */
  private static final int PER_SECOND = 10;

  private static final int BURST = 20;
  private static final long NANOS_EACH = 1_000_000_000L / PER_SECOND;

  private long fullAt;

  SendBudget(long nanos) {
    fullAt = nanos;
  }

  boolean take(long nanos) {
    long base = fullAt - nanos > 0 ? fullAt : nanos;
    if (base - nanos > (BURST - 1) * NANOS_EACH) {
      return false;
    }
    fullAt = base + NANOS_EACH;
    return true;
  }
}
