package dev.warren.relay.client.logic;

import java.util.OptionalInt;

/**
 * In which order and when the addresses of a host are dialled (RFC 8305 section 5): one after the
 * other, the next 250 ms after the last or as soon as one fails, all of those begun running on.
 * Times are nanoseconds of one clock. Not thread-safe.
 */
public final class HappyEyeballs {
  /** RFC 8305 section 8, and upstream (relay-protocol section A1). */
  public static final long DELAY = 250_000_000L;

  /** {@link #due} when no timer is wanted. */
  public static final long NEVER = Long.MAX_VALUE;

  private final int addresses;
  private int started;
  private int failed;
  private long nextAt;
  private boolean any;

  /** For this many addresses, in the order in which they are to be tried. */
  public HappyEyeballs(int addresses) {
    this.addresses = addresses;
  }

  /** The index of an address to dial now; ask until there is none. */
  public OptionalInt poll(long now) {
    if (started >= addresses || any && now - nextAt < 0) {
      return OptionalInt.empty();
    }
    any = true;
    nextAt = now + DELAY;
    return OptionalInt.of(started++);
  }

  /** An attempt has failed: the next may begin. */
  public void onFailed(long now) {
    failed++;
    nextAt = now;
  }

  /** Whether every address has failed. */
  public boolean exhausted() {
    return failed >= addresses;
  }

  /** When to {@link #poll} again, or {@link #NEVER}. */
  public long due() {
    return started < addresses && any ? nextAt : NEVER;
  }
}
