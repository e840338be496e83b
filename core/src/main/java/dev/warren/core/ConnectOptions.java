package dev.warren.core;

import java.time.Duration;

/**
 * How to dial.
 *
 * @param timeout bound of the whole attempt, 1 ms to 1 h; the default is 10 s
 */
public record ConnectOptions(Duration timeout) {
  /** Ten seconds. */
  public static final ConnectOptions DEFAULT = new ConnectOptions(Duration.ofSeconds(10));

  public ConnectOptions {
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("connect timeout must be 1 ms to 1 h, not " + timeout);
    }
  }

  public ConnectOptions withTimeout(Duration limit) {
    return new ConnectOptions(limit);
  }
}
