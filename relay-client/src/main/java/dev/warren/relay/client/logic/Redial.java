package dev.warren.relay.client.logic;

/**
 * When to dial again after a connection or an attempt has ended. Knows what the relay announced:
 * with a Restarting frame it says how long to stay away and for how long failures after that are
 * its restart and no reason to back off (relay-protocol section A6). Times are nanoseconds of one
 * clock, waits are ms. Not thread-safe.
 */
public final class Redial {
  /**
   * The longest that a relay can keep us away or make us try often: its frame could say 49 days.
   * Our choice: longer than any restart, shorter than a user's patience.
   */
  static final long MAX_ANNOUNCED_MS = 60_000;

  private static final long MS = 1_000_000;

  private final Backoff backoff;
  private boolean announced;
  private long announcedAt;
  private long stayAwayMs;
  private long tryForMs;

  /** Until when failures are the restart's; meaningful while {@link #restarting}. */
  private long restartUntil;

  private boolean restarting;

  public Redial(Backoff backoff) {
    this.backoff = backoff;
  }

  /** The relay says that it restarts: both times in ms, unsigned, bounded here. */
  public void onRestarting(long reconnectInMs, long forMs, long now) {
    announced = true;
    announcedAt = now;
    stayAwayMs = Math.min(MAX_ANNOUNCED_MS, reconnectInMs);
    tryForMs = Math.min(MAX_ANNOUNCED_MS, forMs);
  }

  /** The relay has answered a ping: it works. */
  public void onEstablished() {
    backoff.reset();
    restarting = false;
  }

  /** A connection has ended. Returns the wait. */
  public long onLost(boolean established, long now) {
    boolean told = announced && now - announcedAt <= MAX_ANNOUNCED_MS * MS;
    announced = false;
    if (told) {
      restarting = true;
      restartUntil = now + (stayAwayMs + tryForMs) * MS;
      return stayAwayMs + backoff.afterLoss();
    }
    return established ? backoff.afterLoss() : onFailed(now);
  }

  /** An attempt has failed. Returns the wait. */
  public long onFailed(long now) {
    if (restarting && now - restartUntil < 0) {
      return backoff.duringRestart();
    }
    restarting = false;
    return backoff.next();
  }

  /** The relay has refused us. Returns the wait, unless another token comes. */
  public long onDenied() {
    restarting = false;
    return backoff.afterDenial();
  }

  /** What failed before says nothing any more: the network or the token is another. */
  public void onChange() {
    backoff.reset();
    restarting = false;
  }

  /** Attempts that failed since the relay worked, one at least. */
  public int attempts() {
    return Math.max(1, backoff.attempts());
  }
}
