package dev.warren.relay.client.logic;

/**
 * Whether a connection that takes no more still moves: an uplink of 100 KB/s needs a quarter of a
 * minute for what may wait, and is no reason to begin anew. Times are nanoseconds of one clock. Not
 * thread-safe.
 */
public final class WriteBacklog {
  /** Upstream's limit on one send (relay-protocol section A9). */
  static final long STUCK = 15_000_000_000L;

  private long least;
  private long since;
  private boolean full;

  /** The connection takes more. */
  public void onWritable() {
    full = false;
  }

  /**
   * Whether none of what waits has gone out for 15 s.
   *
   * @param waiting bytes that must go out before the connection takes more; 0 if it does
   */
  public boolean stuck(long waiting, long now) {
    if (waiting == 0) {
      full = false;
    } else if (!full || waiting < least) {
      full = true;
      least = waiting;
      since = now;
    }
    return full && now - since > STUCK;
  }
}
