package dev.warren.relay.server.logic;

/**
 * When a client that was let in is pinged and when it is given up (relay-protocol sections A8, B7).
 * Whatever it sends shows life: a pong may be stuck behind bulk data. Times are nanoseconds of one
 * clock. Not thread-safe.
 */
public final class Liveness {
  /** What to do now. */
  public enum Action {
    NONE,
    PING,
    GIVE_UP
  }

  private static final long SECOND = 1_000_000_000L;

  /** Silence after which a ping goes out: this and {@link #SPREAD}, so that pings spread. */
  private static final long PING_AFTER = 15 * SECOND;

  private static final long SPREAD = 5 * SECOND;

  /**
   * Wait for a pong. Upstream waits less once it knows the round-trip time; here a client that
   * moves connects anew and takes over at once, so nothing is won by hurry, and a pause of either
   * process must cost nobody a connection.
   */
  private static final long PONG_WAIT = 5 * SECOND;

  private final long spread;
  private long lastReceived;
  private long pingSent;
  private boolean waiting;

  /**
   * @param share this client's part of the spread, between 0 and 1
   */
  public Liveness(long now, double share) {
    lastReceived = now;
    spread = (long) (SPREAD * share);
  }

  public void onReceived(long now) {
    lastReceived = now;
  }

  public void onPong() {
    waiting = false;
  }

  /** What is due; it is taken to be done. */
  public Action check(long now) {
    if (now - due() < 0) {
      return Action.NONE;
    }
    if (waiting && lastReceived - pingSent <= 0) {
      return Action.GIVE_UP;
    }
    waiting = true;
    pingSent = now;
    return Action.PING;
  }

  /** When {@link #check} has something to say, as things stand; what arrives moves it on. */
  public long due() {
    return waiting && lastReceived - pingSent <= 0
        ? pingSent + PONG_WAIT
        : lastReceived + PING_AFTER + spread;
  }
}
