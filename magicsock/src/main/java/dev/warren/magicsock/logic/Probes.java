package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;
import static dev.warren.magicsock.logic.UdpPath.earlier;

import org.jspecify.annotations.Nullable;

/**
 * When the addresses of a peer are pinged, and when it is asked to ping ours.
 *
 * <ul>
 *   <li>After a dial, a call-me-maybe, a change of the network or the loss of the path in use: a
 *       burst, by {@link ProbeSchedule}, until some path is trusted.
 *   <li>Then the path in use every five seconds, and at once if it is silent under traffic.
 *   <li>Without any path all that were told, every five seconds, with a call-me-maybe.
 * </ul>
 *
 * Time is an argument. Socket loop only.
 */
final class Probes {
  private static final long MS = 1_000_000L;

  /** Heartbeat on the path in use, and distance between later probes. */
  static final long HEARTBEAT = 5_000 * MS;

  /** Least distance between call-me-maybes. */
  static final long CALL_EVERY = 5_000 * MS;

  /**
   * Least distance between call-me-maybes that are acted upon. Each makes us ping whatever
   * addresses a stranger names; an honest peer sends none within {@link #CALL_EVERY}, but for a
   * change of its network.
   */
  static final long CALLED_EVERY = 1_000 * MS;

  /** Timers that need not be exact run at multiples of this. */
  static final long GRID = 500 * MS;

  /** Sent without an answer for this long: probe. */
  static final long SUSPECT = 1_000 * MS;

  private final PathTable.Orders orders;
  private final Candidates paths;
  private final int maxDatagram;
  private final ProbeSchedule burst = new ProbeSchedule();
  private long lastCall = NEVER;
  private long lastCalled = NEVER;

  Probes(PathTable.Orders orders, Candidates paths, int maxDatagram) {
    this.orders = orders;
    this.paths = paths;
    this.maxDatagram = maxDatagram;
  }

  // ---- bursts and calls ----

  boolean bursting() {
    return burst.running();
  }

  /** Begins a burst; {@link #onTimer} sends what is due. */
  void startBurst(long now) {
    burst.start(now);
    call(now);
  }

  void stop() {
    burst.stop();
  }

  private boolean call(long now) {
    if (!mayCall(now)) {
      return false;
    }
    lastCall = now;
    orders.callMeMaybe();
    return true;
  }

  boolean mayCall(long now) {
    return lastCall == NEVER || now - lastCall >= CALL_EVERY;
  }

  /** Our addresses are others now: the next burst calls. */
  void forgetCall() {
    lastCall = NEVER;
  }

  /** The peer calls; false if it did so a moment ago. */
  boolean onCalled(long now) {
    if (lastCalled != NEVER && now - lastCalled < CALLED_EVERY) {
      return false;
    }
    lastCalled = now;
    return true;
  }

  // ---- pings ----

  static boolean due(UdpPath path, long interval, long now) {
    return path.lastTry == NEVER || now - path.lastTry >= interval;
  }

  void probe(UdpPath path, long now) {
    path.lastTry = now;
    if (orders.ping(path, PathMtu.SMALL_PING)) {
      path.tried(now);
      path.lastPing = now;
      if (path.fullAtOnce && !path.proven() && path.mtu.onFirstPing(now)) {
        orders.ping(path, maxDatagram);
      }
    }
  }

  /** What is due to find out how large datagrams a path carries. */
  void probeSizes(UdpPath path, long now) {
    for (int size : path.mtu.due(path.rttNanos, now)) {
      if (size == PathMtu.SMALL_PING) {
        probe(path, now);
      } else {
        orders.ping(path, size);
      }
    }
  }

  // ---- time ----

  /** Sends what is due, with {@code best} as the path in use. */
  void onTimer(@Nullable UdpPath best, long now) {
    if (burst.take(now) && (best == null || !best.trusted(now))) {
      for (UdpPath path : paths.snapshot()) {
        if (path.told || path.proven()) {
          probe(path, now);
        }
      }
    }
    if (best != null) {
      watch(best, now);
    } else if (!burst.running()) {
      lookAround(now);
    }
  }

  private void watch(UdpPath best, long now) {
    boolean suspect =
        best.unansweredSince != NEVER
            && now - best.unansweredSince >= SUSPECT
            && due(best, SUSPECT / 2, now);
    if (suspect || due(best, HEARTBEAT, now)) {
      probe(best, now);
    }
    if (best.trusted(now)) {
      probeSizes(best, now);
    }
  }

  private void lookAround(long now) {
    // Together, so that they cost one wake-up.
    boolean calling = call(now);
    for (UdpPath path : paths.snapshot()) {
      if (path.told && due(path, calling ? HEARTBEAT / 2 : HEARTBEAT, now)) {
        probe(path, now);
      }
    }
  }

  /** When {@link #onTimer} has work. */
  long next(@Nullable UdpPath best, long now) {
    long at = burst.next();
    if (best != null) {
      return earlier(at, nextFor(best, now));
    }
    if (!burst.running()) {
      at = earlier(at, onGrid(lastCall + CALL_EVERY));
      for (UdpPath path : paths.all()) {
        if (path.told) {
          at = earlier(at, onGrid(path.lastTry + HEARTBEAT));
        }
      }
    }
    return at;
  }

  private static long nextFor(UdpPath path, long now) {
    long at = onGrid(path.lastTry + HEARTBEAT);
    if (path.unansweredSince != NEVER) {
      long suspect = path.unansweredSince + SUSPECT;
      long again = path.lastTry + SUSPECT / 2;
      at = earlier(at, suspect - again > 0 ? suspect : again);
    }
    return path.trusted(now) ? earlier(at, path.mtu.next(path.rttNanos, now)) : at;
  }

  /** Rounds up, so that the timers of many peers run together: a wake-up costs more than a Ping. */
  static long onGrid(long at) {
    return at + Math.floorMod(-at, GRID);
  }
}
