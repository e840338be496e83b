package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

import java.util.Arrays;

/**
 * How large datagrams a direct path carries, as answered Pings of that size prove. QUIC sends up to
 * 1452 bytes; a path that answers a Ping of 284 may still swallow those.
 *
 * <pre>
 * UNPROVEN --full-size Ping answered--> FULL
 *    '--small ones answered, full size not, three times--> SEARCHING --wait over--> SMALL
 * FULL --large datagrams go, 2 s after the last check--> CHECKING --answered--> FULL
 *    CHECKING --small ones answered, full size not, three times--> SEARCHING
 * SMALL --large datagrams go, 3 s after the last search--> SEARCHING
 * any --full-size Ping answered--> FULL
 * </pre>
 *
 * A search pings every size of a ladder at once; the largest that is answered holds. Nothing is
 * sent for a path that carries no large datagrams. Socket loop only; times in nanoseconds, sizes in
 * bytes of UDP payload.
 */
public final class PathMtu {
  /** What is known. */
  public enum State {
    /** Nothing larger than a small Ping has been answered. */
    UNPROVEN,
    /** The full size has been answered. */
    FULL,
    /** As FULL, and a check is on its way. */
    CHECKING,
    /** A search is on its way. */
    SEARCHING,
    /** The full size is not answered; the limit is the largest that is. */
    SMALL
  }

  /** Stands for a Ping of the usual, small size. */
  public static final int SMALL_PING = 0;

  /** QUIC's least datagram (RFC 9000 section 14): from here on a datagram counts as large. */
  static final int LARGE = 1200;

  /**
   * Payloads that common links carry: 1280 (IPv6 least, VPNs) by IPv6 and IPv4, 1400 (mobile) by
   * IPv6 and IPv4, 1420 (WireGuard) by IPv4, 1492 (PPPoE) by IPv6.
   */
  private static final int[] LADDER = {1200, 1232, 1252, 1352, 1372, 1392, 1444};

  /** Pings of one size that must stay unanswered: single ones get lost in full queues. */
  static final int TRIES = 3;

  /** Distance between full-size Pings to an address that has not answered: 0, 250, 500 ms. */
  static final long FIRST_EVERY = 200_000_000L;

  /** Distance between checks of a path that carries large datagrams. */
  static final long CHECK = 2_000_000_000L;

  /** Distance between searches on a small path that is asked for large datagrams. */
  static final long SEARCH = 3_000_000_000L;

  /** Least and longest wait for an answer; between them three round trips. */
  static final long WAIT_MIN = 300_000_000L;

  static final long WAIT_MAX = 1_000_000_000L;

  private static final int[] NOTHING = {};

  private final int full;
  private final int[] check;
  private final int[] search;
  private State state = State.UNPROVEN;
  private int limit;
  private int found;
  private int tries;
  private long started = NEVER;
  private long lastFlight = NEVER;
  private long lastAnswer = NEVER;
  private long largeAt = NEVER;
  private long resetAt = NEVER;

  /** {@code full} is the largest datagram that will ever be sent. */
  PathMtu(int full) {
    this.full = full;
    this.check = new int[] {SMALL_PING, full};
    int[] rungs = Arrays.stream(LADDER).filter(size -> size < full).toArray();
    this.search = new int[rungs.length + 2];
    System.arraycopy(rungs, 0, search, 1, rungs.length);
    search[search.length - 1] = full;
  }

  public State state() {
    return state;
  }

  /** The largest datagram that is known to get through. */
  public int limit() {
    return limit;
  }

  /** Whether the limit is the path's, not only our ignorance. */
  boolean isSmall() {
    return state == State.SMALL || state == State.SEARCHING;
  }

  // ---- events ----

  /**
   * A candidate that has not answered anything is pinged: true if a full-size Ping should go along,
   * so that an ordinary path costs no further round trip. Three times in a dial at most.
   */
  boolean onFirstPing(long now) {
    if (state != State.UNPROVEN
        || tries >= TRIES
        || lastFlight != NEVER && now - lastFlight < FIRST_EVERY) {
      return false;
    }
    flight(now);
    return true;
  }

  /** A dial begins. */
  void onDial() {
    if (state == State.UNPROVEN) {
      tries = 0;
      lastFlight = NEVER;
    }
  }

  /** The first answer of any size has come. */
  void onProven(long rtt, long now) {
    if (lastFlight == NEVER || now - lastFlight > patience(rtt)) {
      // The full-size Ping of that flight is lost, or there was none.
      tries = 0;
      lastFlight = NEVER;
    } else {
      tries = 1;
      started = lastFlight;
    }
  }

  /**
   * A Ping of {@code size} bytes was answered, {@code rtt} after it went. What it tells of the path
   * before the last {@link #reset} is nothing.
   */
  void onPong(int size, long rtt, long now) {
    if (resetAt != NEVER && now - rtt - resetAt < 0) {
      return;
    }
    lastAnswer = now;
    limit = Math.max(limit, size);
    found = Math.max(found, size);
    if (size >= full) {
      state = State.FULL;
      tries = 0;
      if (lastFlight == NEVER) {
        // It answers a Ping of a flight that was thought lost.
        lastFlight = now;
      }
    }
  }

  /** A datagram of at least {@link #LARGE} bytes is to go; {@link #next} may be earlier now. */
  void onLarge(long now) {
    largeAt = now;
  }

  /** Sizes to ping now, for a path that answers. */
  int[] due(long rtt, long now) {
    boolean waited = lastFlight == NEVER || now - lastFlight >= patience(rtt);
    return switch (state) {
      case UNPROVEN, CHECKING -> waited ? again(now) : NOTHING;
      case FULL -> wanted() && now - lastFlight >= CHECK ? begin(State.CHECKING, now) : NOTHING;
      case SEARCHING -> waited ? settle() : NOTHING;
      case SMALL -> wanted() && now - lastFlight >= SEARCH ? beginSearch(now) : NOTHING;
    };
  }

  private boolean wanted() {
    return UdpPath.newer(largeAt, lastFlight);
  }

  private int[] begin(State next, long now) {
    state = next;
    tries = 0;
    return again(now);
  }

  private int[] again(long now) {
    if (tries == 0) {
      started = now;
    }
    if (tries < TRIES) {
      flight(now);
      return check;
    }
    if (UdpPath.newer(lastAnswer, started)) {
      limit = SMALL_PING;
      return beginSearch(now);
    }
    // Nothing is answered: whether the path is dead is not decided here.
    state = state == State.CHECKING ? State.FULL : state;
    tries = 0;
    lastFlight = now;
    return NOTHING;
  }

  private int[] beginSearch(long now) {
    state = State.SEARCHING;
    found = 0;
    started = now;
    lastFlight = now;
    return search;
  }

  private int[] settle() {
    if (UdpPath.newer(lastAnswer, started)) {
      limit = found;
    }
    state = State.SMALL;
    return NOTHING;
  }

  private void flight(long now) {
    tries++;
    lastFlight = now;
  }

  /** When {@link #due} should be asked again; {@link UdpPath#NEVER} if not before an event. */
  long next(long rtt, long now) {
    return switch (state) {
      case UNPROVEN, CHECKING, SEARCHING -> lastFlight == NEVER ? now : lastFlight + patience(rtt);
      case FULL -> wanted() ? lastFlight + CHECK : NEVER;
      case SMALL -> wanted() ? lastFlight + SEARCH : NEVER;
    };
  }

  private static long patience(long rtt) {
    return Math.max(WAIT_MIN, Math.min(WAIT_MAX, 3 * rtt));
  }

  /** The path was given up, or the network has changed. */
  void reset(long now) {
    resetAt = now;
    state = State.UNPROVEN;
    limit = 0;
    tries = 0;
    lastFlight = NEVER;
    lastAnswer = NEVER;
  }
}
