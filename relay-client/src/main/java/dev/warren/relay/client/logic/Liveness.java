package dev.warren.relay.client.logic;

/**
 * When a relay connection pings and when it is given up: every state has a deadline, so that none
 * lasts for ever (relay-protocol sections A8, A9). Times are nanoseconds of one clock. Not
 * thread-safe.
 */
public final class Liveness {
  /** What to do now. */
  public enum Action {
    NONE,
    PING,
    GIVE_UP
  }

  private static final long SECOND = 1_000_000_000L;

  /** DNS, TCP, TLS, upgrade and authentication together. */
  public static final long DIAL = 10 * SECOND;

  /** Silence after which a ping goes out. */
  public static final long PING_AFTER = 15 * SECOND;

  /** Wait for the first pong; later three round trips within half a second and this. */
  public static final long PONG_WAIT = 5 * SECOND;

  private static final long PONG_WAIT_MIN = SECOND / 2;

  /**
   * Wait for a pong whatever else arrives. Our choice: what may wait at a relay before it (4 MiB
   * for a client) is through by then at 0.6 Mbit/s, and one that never answers is none.
   */
  public static final long PONG_LIMIT = 60 * SECOND;

  private long dialDeadline = Long.MAX_VALUE;
  private long lastReceived;
  private long pingSent = Long.MIN_VALUE;
  private long rtt;
  private boolean connected;

  public void onDial(long now) {
    connected = false;
    pingSent = Long.MIN_VALUE;
    dialDeadline = now + DIAL;
  }

  public void onConnected(long now) {
    connected = true;
    rtt = 0;
    lastReceived = now;
  }

  public void onReceived(long now) {
    lastReceived = now;
  }

  public void onPingSent(long now) {
    pingSent = now;
  }

  /** A pong to the latest ping; returns the round-trip time. */
  public long onPong(long now) {
    rtt = Math.max(1, now - pingSent);
    pingSent = Long.MIN_VALUE;
    return rtt;
  }

  public boolean waitingForPong() {
    return pingSent != Long.MIN_VALUE;
  }

  /** What is due; call again at {@link #due}, and after each ping. */
  public Action check(long now) {
    if (now - due() < 0) {
      return Action.NONE;
    }
    return connected && !waitingForPong() ? Action.PING : Action.GIVE_UP;
  }

  /** When {@link #check} has something to say, as things stand; what arrives moves it on. */
  public long due() {
    if (!connected) {
      return dialDeadline;
    }
    if (waitingForPong()) {
      long wait = rtt == 0 ? PONG_WAIT : Math.max(PONG_WAIT_MIN, Math.min(PONG_WAIT, 3 * rtt));
      // Anything that arrives shows life, a pong may be stuck behind bulk data.
      long due = (lastReceived - pingSent > 0 ? lastReceived : pingSent) + wait;
      long limit = pingSent + PONG_LIMIT;
      return due - limit > 0 ? limit : due;
    }
    return lastReceived + PING_AFTER;
  }
}
