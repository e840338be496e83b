package dev.warren.relay.client.logic;

import java.util.random.RandomGenerator;

/**
 * Waiting times between attempts: doubling from 10 ms to 16 s, times a random factor of 1 to 2
 * (relay-protocol section A9), and a short one after a connection that worked. Not thread-safe.
 */
public final class Backoff {
  private static final long FIRST_MS = 10;
  private static final long CAP_MS = 16_000;

  /**
   * Upstream dials at once after a loss; a relay that restarts would see its thousands of clients
   * within a few milliseconds. Our choice: spread them over 0.4 s, which no user notices.
   */
  private static final long AFTER_LOSS_MIN_MS = 100;

  private static final long AFTER_LOSS_MAX_MS = 500;

  private final RandomGenerator random;
  private int attempts;

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** The wait before the next attempt, ms. */
  public long next() {
    long base = Math.min(CAP_MS, FIRST_MS << Math.min(attempts, 12));
    attempts++;
    return (long) (base * (1 + random.nextDouble()));
  }

  /** The wait after a connection that worked, ms; it does not count as an attempt. */
  public long afterLoss() {
    double spread = AFTER_LOSS_MAX_MS - AFTER_LOSS_MIN_MS;
    return AFTER_LOSS_MIN_MS + (long) (spread * random.nextDouble());
  }

  public int attempts() {
    return attempts;
  }

  /** A connection was established. */
  public void reset() {
    attempts = 0;
  }
}
