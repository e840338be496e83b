package dev.warren.discovery.logic;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Spreads delays, so that those who begin together do not go on together. Stateless. */
public final class Jitter {
  /** A fifth, as iroh 1.x has it (discovery section 6). */
  private static final double SPREAD = 0.2;

  private Jitter() {}

  /** Any time from 80 % to 120 % of {@code delay}; 0 stays 0. */
  public static Duration of(Duration delay, RandomGenerator random) {
    double factor = 1 - SPREAD + 2 * SPREAD * random.nextDouble();
    return Duration.ofNanos((long) (delay.toNanos() * factor));
  }
}
