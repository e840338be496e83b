package dev.warren.relay.server.logic;

/**
 * When each client goes while a relay is drained: spread over the time there is, so that the next
 * relay is not asked by all at once, whatever they make of what they are told. Times are
 * nanoseconds from the beginning of the drain. Immutable.
 */
public record DrainPlan(long window) {
  /** Part of the window in which clients are cut; the rest is for what they were still sent. */
  private static final double CUT_WITHIN = 0.8;

  /** When to cut a client. */
  public long cutAfter(double share) {
    return (long) (window * CUT_WITHIN * share);
  }

  /** How long a client is asked to wait before it dials again once it was cut, milliseconds. */
  public int reconnectInMillis(double share) {
    return (int) Math.min(Integer.MAX_VALUE, (long) (window * share) / 1_000_000);
  }

  /** For how long it is asked to try, milliseconds: as long as a restart may take. */
  public int tryForMillis() {
    return (int) Math.min(Integer.MAX_VALUE, window / 1_000_000 + RESTART_MILLIS);
  }

  /** What a process is given to come back: systemd and Kubernetes restart within seconds. */
  private static final long RESTART_MILLIS = 30_000;
}
