package dev.warren.discovery.wire;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The timestamps of a process's packets: microseconds since 1970, each greater than the one before
 * even when the system clock steps back (discovery section 4.5). Any thread.
 */
public final class PacketClock {
  /** The greatest that every party can hold: the DHT's sequence numbers are signed. */
  public static final long LAST = Long.MAX_VALUE;

  private static final PacketClock SYSTEM = new PacketClock(Clock.systemUTC());

  private final Clock clock;
  private final AtomicLong last = new AtomicLong();

  /** Reads {@code clock}. */
  public PacketClock(Clock clock) {
    this.clock = clock;
  }

  /** The one of this process. */
  public static PacketClock system() {
    return SYSTEM;
  }

  /** The next timestamp. */
  public long next() {
    return after(0);
  }

  /**
   * The next timestamp that is also greater than {@code seen}: that of a packet of the same key
   * which somebody else holds, perhaps because another clock was wrong.
   *
   * @throws ArithmeticException if there is none up to {@link #LAST}: the key cannot be published
   *     any more where {@code seen} is held
   */
  public long after(long seen) {
    if (seen < 0 || seen == LAST) {
      throw new ArithmeticException(
          "no timestamp follows " + Long.toUnsignedString(seen) + ": use another key");
    }
    long now = micros(clock.instant());
    // Only what was asked for is raised: the packets of other keys do not follow a wrong clock.
    long ours = last.updateAndGet(previous -> Math.max(now, previous + 1));
    return Math.max(ours, seen + 1);
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }
}
