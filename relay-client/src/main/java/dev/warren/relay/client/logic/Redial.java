package dev.warren.relay.client.logic;

/**
 * When to dial again after a connection or an attempt has ended. Knows what the relay announced:
 * with a Restarting frame it says how long to stay away and for how long failures after that are
 * its restart and no reason to back off (relay-protocol section A6). And it knows relays that take
 * us and soon drop us, again and again, with or without such words. Times are nanoseconds of one
 * clock, waits are ms. Not thread-safe.
 */
public final class Redial {
  /**
   * The longest that a relay can keep us away or make us try often: its frame could say 49 days.
   * Our choice: longer than any restart, shorter than a user's patience.
   */
  static final long MAX_ANNOUNCED_MS = 60_000;

  /**
   * A connection that lasted less is a brief one. After three in a row the waits are those after
   * failed attempts: or else a relay that is broken, or shared by two who use the same key, would
   * be dialled four times a second for ever. Our choice; a relay that is restarted by hand a few
   * times is found again at once.
   */
  static final long BRIEF_MS = 10_000;

  static final int BRIEF_ONES = 3;

  private static final long MS = 1_000_000;

  private final Backoff backoff;
  private boolean announced;
  private long announcedAt;
  private long stayAwayMs;
  private long tryForMs;

  /** Until when failures are the restart's; meaningful while {@link #restarting}. */
  private long restartUntil;

  private boolean restarting;

  /** Meaningful while {@link #connected}. */
  private long connectedAt;

  private boolean connected;
  private int briefOnes;

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

  /** The relay has taken us. */
  public void onConnected(long now) {
    connected = true;
    connectedAt = now;
  }

  /** The relay has answered a ping: it works. */
  public void onEstablished() {
    if (briefOnes < BRIEF_ONES) {
      backoff.reset();
    }
    restarting = false;
  }

  /** A connection has ended. Returns the wait. */
  public long onLost(boolean established, long now) {
    boolean brief = connected && now - connectedAt < BRIEF_MS * MS;
    connected = false;
    if (brief && ++briefOnes > BRIEF_ONES) {
      announced = false;
      return onFailed(now);
    }
    if (!brief) {
      briefOnes = 0;
      if (established) {
        backoff.reset();
      }
    }
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
    briefOnes = 0;
    restarting = false;
  }

  /** Attempts that failed since the relay worked, one at least. */
  public int attempts() {
    return Math.max(1, backoff.attempts());
  }
}
