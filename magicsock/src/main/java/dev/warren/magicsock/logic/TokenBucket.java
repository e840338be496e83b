package dev.warren.magicsock.logic;

/** Lets so many things happen in a second, and as many at once. Socket loop only. */
public final class TokenBucket {
  private static final long SECOND = 1_000_000_000L;

  private final long each;

  /** When the bucket is full again. */
  private long fullAt = UdpPath.NEVER;

  public TokenBucket(int perSecond) {
    this.each = SECOND / perSecond;
  }

  /** Takes a token; false if there is none. */
  public boolean take(long now) {
    if (fullAt == UdpPath.NEVER || fullAt - now < 0) {
      fullAt = now;
    }
    if (fullAt + each - now > SECOND) {
      return false;
    }
    fullAt += each;
    return true;
  }
}
