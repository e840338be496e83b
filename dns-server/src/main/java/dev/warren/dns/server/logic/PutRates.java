package dev.warren.dns.server.logic;

import dev.warren.serving.logic.AddressGroup;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How often an address may publish: two packets at once after a rest, then one each four seconds
 * (dns-server section 7), by the generic cell rate algorithm (ITU-T I.371 annex A). IPv6 addresses
 * count by /64.
 *
 * <p>Addresses here are those of TCP connections, so nobody fills the table with others'. When it
 * is full, the address that published first is forgotten. Any thread; times are those of a
 * monotonic clock in nanoseconds.
 */
public final class PutRates {
  /** Between packets, in the long run. */
  private static final long INTERVAL = 4_000_000_000L;

  private static final int BURST = 2;
  private static final long TOLERANCE = (BURST - 1) * INTERVAL;

  /** Addresses that are remembered: 10 MiB at most. */
  static final int MOST = 100_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<AddressGroup, Long> usedUntil = new LinkedHashMap<>();

  /**
   * Takes one packet of {@code source}.
   *
   * @return 0 if it may publish it, else the nanoseconds until it may
   */
  public long take(InetAddress source, long now) {
    AddressGroup group = AddressGroup.of(source);
    lock.lock();
    try {
      Long used = usedUntil.remove(group);
      long from = used == null || used - now < 0 ? now : used;
      long wait = from - now - TOLERANCE;
      usedUntil.put(group, wait > 0 ? from : from + INTERVAL);
      forget(now);
      return Math.max(0, wait);
    } finally {
      lock.unlock();
    }
  }

  /** The first in the map are those that came the longest ago. */
  private void forget(long now) {
    Iterator<Long> oldest = usedUntil.values().iterator();
    for (int i = 0; i < 2 && usedUntil.size() > 1; i++) {
      if (oldest.next() - now > 0 && usedUntil.size() <= MOST) {
        return;
      }
      oldest.remove();
    }
  }

  int addresses() {
    lock.lock();
    try {
      return usedUntil.size();
    } finally {
      lock.unlock();
    }
  }
}
