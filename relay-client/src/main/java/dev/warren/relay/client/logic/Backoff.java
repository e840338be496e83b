package dev.warren.relay.client.logic;

import java.util.random.RandomGenerator;

/**
 * Waiting times between attempts: doubling from 10 ms to 16 s, times a random factor of 1 to 2
 * (relay-protocol section A9). Not thread-safe.
 */
public final class Backoff {
  private static final long FIRST_MS = 10;
  private static final long CAP_MS = 16_000;

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

  public int attempts() {
    return attempts;
  }

  /** A connection was established. */
  public void reset() {
    attempts = 0;
  }
}
