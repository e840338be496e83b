package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

import java.time.Duration;

/**
 * What goes by the relay because it is too large for the direct path: such datagrams, and with them
 * all others until a second after the last, so that large and small ones do not overtake each
 * other. A size that no path has carried yet is QUIC's own search for the path MTU, which shares
 * the fate of the path in use. Time is an argument. Socket loop only.
 */
final class Diversion {
  /** How long all datagrams go by the relay after one that was too large for the direct path. */
  static final long TIME = Duration.ofSeconds(1).toNanos();

  /**
   * Datagrams larger than any before that may be QUIC's search for the path MTU: quiche bisects,
   * with three tries of each size.
   */
  static final int MTU_PROBES = 16;

  private int carried = PathMtu.LARGE;
  private int beyondCarried;
  private long at = NEVER;

  /** A datagram of this size has gone where QUIC can know that it arrives. */
  void carried(int size) {
    carried = Math.max(carried, size);
  }

  /** Whether a datagram is larger than any that QUIC can know to get through. */
  boolean searchesMtu(int size) {
    if (size <= carried) {
      return false;
    }
    if (++beyondCarried <= MTU_PROBES) {
      return true;
    }
    // So many are no search: they are data.
    carried = size;
    beyondCarried = 0;
    return false;
  }

  /** A datagram too large for the direct path; true if it is the first. */
  boolean begin(long now) {
    boolean first = at == NEVER;
    at = now;
    return first;
  }

  /** Whether the relay carries the traffic. */
  boolean on(long now) {
    return at != NEVER && now - at < TIME;
  }

  /** Whether it has begun and has not been ended. */
  boolean begun() {
    return at != NEVER;
  }

  /** The direct path carries every size, or there was nothing large for long enough. */
  void end() {
    at = NEVER;
  }

  /** When it ends by itself; {@link UdpPath#NEVER} if it has not begun. */
  long until() {
    return at == NEVER ? NEVER : at + TIME;
  }
}
