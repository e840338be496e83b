package dev.warren.magicsock.logic;

import java.net.Inet6Address;

/**
 * Which of two confirmed direct paths is better: a pure function (magicsock section 5, with
 * hysteresis against flapping between equals).
 */
public final class PathSelector {
  /** IPv6 wins if this much of its round-trip time is below IPv4's. */
  private static final double IPV6_BIAS = 0.9;

  /** A path of the same family must be this much faster to take over. */
  private static final double HYSTERESIS = 0.9;

  private PathSelector() {}

  /** Whether {@code candidate} should replace {@code current}. */
  public static boolean better(UdpPath candidate, UdpPath current) {
    if (full(candidate) && current.mtu.isSmall() || candidate.mtu.isSmall() && full(current)) {
      return full(candidate);
    }
    boolean candidate6 = candidate.address.getAddress() instanceof Inet6Address;
    boolean current6 = current.address.getAddress() instanceof Inet6Address;
    if (candidate6 && !current6) {
      return IPV6_BIAS * candidate.rttNanos < current.rttNanos;
    }
    if (!candidate6 && current6) {
      return IPV6_BIAS * current.rttNanos >= candidate.rttNanos
          && candidate.rttNanos < current.rttNanos;
    }
    return candidate.rttNanos < HYSTERESIS * current.rttNanos;
  }

  /** A path that carries everything comes before one that is known not to, however fast. */
  private static boolean full(UdpPath path) {
    return path.mtu.state() == PathMtu.State.FULL || path.mtu.state() == PathMtu.State.CHECKING;
  }
}
