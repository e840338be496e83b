package dev.warren.testlab.sim;

import java.time.Duration;

/**
 * How a host or a NAT is attached; the same in both directions.
 *
 * @param delay of each packet, one way
 * @param jitter the most that is added to the delay, evenly spread: so packets overtake each other
 * @param loss share of packets lost, each by itself
 * @param mtu bytes of payload above which a packet is lost
 */
public record SimLink(Duration delay, Duration jitter, double loss, int mtu) {
  /** No loss, and what Ethernet takes. */
  public static SimLink delay(Duration delay) {
    return new SimLink(delay, Duration.ZERO, 0, 1472);
  }

  public static SimLink millis(long delay) {
    return delay(Duration.ofMillis(delay));
  }

  public SimLink withJitter(Duration most) {
    return new SimLink(delay, most, loss, mtu);
  }

  public SimLink withLoss(double share) {
    return new SimLink(delay, jitter, share, mtu);
  }

  public SimLink withMtu(int bytes) {
    return new SimLink(delay, jitter, loss, bytes);
  }
}
