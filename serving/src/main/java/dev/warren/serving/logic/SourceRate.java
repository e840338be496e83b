package dev.warren.serving.logic;

import java.net.InetAddress;
import java.security.SecureRandom;

/**
 * How often each source address is answered, so that a server that answers strangers is no weapon:
 * whoever sends in a victim's name gets the victim at most this many answers. IPv6 sources count by
 * /64.
 *
 * <p>A fixed table: sources that fall into one place share its rate, which only ever lowers theirs,
 * and a flood from many sources costs no memory. Where a source falls is secret. Each place holds
 * the time until which its answers are used up (the generic cell rate algorithm of ITU-T I.371).
 * Not thread-safe.
 */
public final class SourceRate {
  /** 512 KiB; two of 1,000 sources a second share a place with a likelihood of 1.5 %. */
  private static final int PLACES = 1 << 16;

  private final long[] usedUntil = new long[PLACES];
  private final long interval;
  private final long tolerance;
  private final long secret = new SecureRandom().nextLong();
  private final long began;

  /**
   * @param perSecond answers a second that each source gets in the long run
   * @param burst answers that it gets at once after a rest
   * @param now nanoseconds of the clock that {@link #allows} will be asked with
   */
  public SourceRate(int perSecond, int burst, long now) {
    interval = 1_000_000_000L / perSecond;
    tolerance = (burst - 1) * interval;
    began = now;
  }

  /** Whether {@code source} is answered once more at {@code now}. */
  public boolean allows(InetAddress source, long now) {
    long time = now - began;
    int place = place(source.getAddress());
    long from = Math.max(usedUntil[place], time);
    if (from - time > tolerance) {
      return false;
    }
    usedUntil[place] = from + interval;
    return true;
  }

  private int place(byte[] ip) {
    long bits = secret;
    int significant = Math.min(ip.length, 8);
    for (int i = 0; i < significant; i++) {
      bits = (bits ^ ip[i] & 0xff) * 0x9e3779b97f4a7c15L; // 2^64 over the golden ratio
      bits ^= bits >>> 29;
    }
    return (int) (bits >>> 48);
  }
}
