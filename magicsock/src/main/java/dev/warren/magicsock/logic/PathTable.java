package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of the ways to one peer, and what to do about them.
 *
 * <p>Facts come in ({@code on…}), orders go out through {@link Orders}; the clock is an argument.
 * The rules, with magicsock section 5 to 7 as their source unless said otherwise:
 *
 * <ul>
 *   <li>A direct path counts once a Pong to a Ping of ours came from it, and is trusted for 6.5 s
 *       after each Pong and each payload. While it is trusted, traffic goes over it alone.
 *   <li>When trust runs out, traffic goes over it and the relay, until a Pong renews it; after
 *       three seconds more it is given up.
 *   <li>Under traffic without any answer for a second, it is probed at once; after 2.5 s without
 *       answer it is given up (a dead path must not cost the 6.5 s).
 *   <li>While no direct path is confirmed, a dial's datagrams go over the relay and to up to four
 *       candidates: all of them for the first flight, later a few, so that a forged candidate list
 *       cannot turn us into a flood (at most {@value #COPIES} copies for each).
 *   <li>Candidates are probed at 0, 25, 60, 120, 250, 500, 1000, 2000 ms after the dial (design
 *       section 5), later every 5 s while the peer is in use.
 *   <li>An address that wrote to us unasked gets no more bytes than it sent until it is proven.
 * </ul>
 *
 * Socket loop only.
 */
public final class PathTable {
  /** Orders of the table; each is carried out at once. */
  public interface Orders {
    /** Sends a Ping to {@code path}; false if it could not be handed over. */
    boolean ping(UdpPath path);

    /** Asks the peer, through the relay, to ping us. */
    void callMeMaybe();

    /** A direct path was confirmed for the first time, or again. */
    void opened(UdpPath path);

    /** A direct path was given up. */
    void closed(UdpPath path, String why);

    /** A candidate was forgotten to make room for another. */
    void forgotten(UdpPath path);
  }

  private static final long MS = 1_000_000L;

  /** Trust after a sign of life. */
  static final long TRUST = 6_500 * MS;

  /** How long an outdated path is still used beside the relay. */
  static final long GRACE = 3_000 * MS;

  /** Heartbeat on the path in use, and distance between later probes. */
  static final long HEARTBEAT = 5_000 * MS;

  /** The peer counts as in use for this long after its last datagram. */
  static final long ACTIVE = 45_000 * MS;

  /** Least distance between call-me-maybes. */
  static final long CALL_EVERY = 5_000 * MS;

  /** Sent without an answer for this long: probe. */
  static final long SUSPECT = 1_000 * MS;

  /** Sent without an answer for this long: give up. */
  static final long DEAD = 2_500 * MS;

  /** Candidates that get copies of the first flight. */
  static final int FAN_OUT = 4;

  /** Datagrams that one unconfirmed candidate gets as copies in one dial. */
  static final int COPIES = 16;

  /** Bytes of a Ping without padding, on the wire (disco section 8.3). */
  static final int PING_BYTES = 124;

  /** Distance between probes of an address that sends payload and has not been proven. */
  static final long PROVE_EVERY = 100 * MS;

  private final Orders orders;
  private final Candidates paths;
  private final ProbeSchedule burst = new ProbeSchedule();
  private @Nullable UdpPath best;
  private @Nullable UdpPath lastSource;
  private long lastUsed = NEVER;
  private long lastCall = NEVER;
  private boolean dialling;

  public PathTable(Orders orders) {
    this.orders = orders;
    this.paths = new Candidates(orders::forgotten);
  }

  // ---- candidates ----

  /** Adds an address; {@code told} if it may be probed unasked. Returns its path. */
  public @Nullable UdpPath add(
      InetSocketAddress address, String provenance, boolean told, long now) {
    UdpPath path = paths.get(address);
    if (path != null) {
      path.told |= told;
      return path;
    }
    path = paths.add(address, provenance, told, p -> p == best || p == lastSource);
    if (path != null && burst.running() && told) {
      probe(path, now);
    }
    return path;
  }

  public @Nullable UdpPath path(InetSocketAddress address) {
    return paths.get(address);
  }

  public Collection<UdpPath> paths() {
    return paths.all();
  }

  // ---- facts ----

  /** The application dials: probes and copies begin now. */
  public void onDial(long now) {
    dialling = true;
    paths.all().forEach(UdpPath::onDial);
    startBurst(now);
  }

  private void startBurst(long now) {
    lastUsed = now;
    burst.start(now);
    call(now);
    onTimer(now);
  }

  private void call(long now) {
    if (lastCall == NEVER || now - lastCall >= CALL_EVERY) {
      lastCall = now;
      orders.callMeMaybe();
    }
  }

  /** A valid Ping came by UDP. True if it deserves a Pong. */
  public boolean onPing(UdpPath from, byte[] tx, int bytes, long now) {
    from.bytesReceived += bytes;
    lastUsed = now;
    return from.firstPing(tx);
  }

  /** After the Pong: ask back if there is nothing better and the address has sent enough. */
  public void pingBack(UdpPath from, long now) {
    if ((best == null || !best.trusted(now)) && from.mayAnswer(PING_BYTES)) {
      probe(from, now);
    }
  }

  /** A Pong to a Ping of ours. */
  public void onPong(UdpPath from, long rttNanos, long now) {
    from.rttNanos = rttNanos;
    from.lastPong = now;
    from.unansweredSince = NEVER;
    from.trustedUntil = now + TRUST;
    if (from.confirmedSince == NEVER) {
      from.confirmedSince = now;
      orders.opened(from);
    }
    if (best == null || !best.trusted(now) || best != from && PathSelector.better(from, best)) {
      best = from;
    }
  }

  /** The peer lists its addresses, through the relay that vouches for it. */
  public void onCallMeMaybe(List<InetSocketAddress> addresses, long now) {
    for (InetSocketAddress address : addresses) {
      UdpPath path = add(address, "call-me-maybe", true, now);
      if (path != null) {
        path.lastPing = NEVER;
      }
    }
    if (best == null || !best.trusted(now)) {
      startBurst(now);
    }
  }

  /** A datagram of the peer arrived over {@code from}. */
  public void onPayload(UdpPath from, int bytes, long now) {
    from.bytesReceived += bytes;
    from.lastPayload = now;
    from.unansweredSince = NEVER;
    if (from == best && from.proven()) {
      from.trustedUntil = now + TRUST;
    }
    lastSource = from;
    lastUsed = now;
    if (!from.proven() && from.mayAnswer(PING_BYTES) && due(from, PROVE_EVERY, now)) {
      // Whoever talks to us should soon be able to get more than he sends.
      probe(from, now);
    }
  }

  private static boolean due(UdpPath path, long interval, long now) {
    return path.lastPing == NEVER || now - path.lastPing >= interval;
  }

  /** A datagram of the peer arrived through a relay. */
  public void onRelayPayload(long now) {
    lastUsed = now;
    if (best == null && !burst.running() && (lastCall == NEVER || now - lastCall >= CALL_EVERY)) {
      startBurst(now);
    }
  }

  /** The network changed: nothing is trusted any more, everything is probed. */
  public void onNetworkChange(long now) {
    for (UdpPath path : paths.all()) {
      path.trustedUntil = NEVER;
      path.lastPing = NEVER;
    }
    lastCall = NEVER;
    startBurst(now);
  }

  /** Takes over what a provisional peer's path has counted. */
  public void adopt(UdpPath path, UdpPath from, long now) {
    path.bytesReceived += from.bytesReceived;
    path.bytesSent += from.bytesSent;
    path.lastPayload = from.lastPayload;
    lastSource = path;
    lastUsed = now;
  }

  // ---- choice ----

  /** The choice at {@code now}; cheap while a path is trusted. */
  public void choose(PathChoice choice, boolean haveRelay, long now) {
    choice.copies.clear();
    choice.direct = best;
    if (best != null && best.trusted(now)) {
      choice.relay = false;
      return;
    }
    choice.relay = haveRelay;
    if (best != null) {
      return;
    }
    if (dialling) {
      for (UdpPath path : paths.all()) {
        if (path.told && choice.copies.size() < FAN_OUT && path.copies < COPIES) {
          choice.copies.add(path);
        }
      }
    }
    if (lastSource != null && !choice.copies.contains(lastSource)) {
      choice.copies.add(lastSource);
    }
  }

  /** Whether {@code n} bytes may go to a path; counts them if so. */
  public boolean admit(UdpPath path, int n, long now) {
    if (!path.told && !path.mayReflect(n)) {
      return false;
    }
    if (!path.proven()) {
      path.copies++;
    }
    path.tried(now);
    path.bytesSent += n;
    if (path.unansweredSince == NEVER) {
      path.unansweredSince = now;
    }
    lastUsed = now;
    return true;
  }

  public void used(long now) {
    lastUsed = now;
  }

  public @Nullable UdpPath best() {
    return best;
  }

  public boolean hasTrustedBest(long now) {
    return best != null && best.trusted(now);
  }

  public boolean active(long now) {
    return lastUsed != NEVER && now - lastUsed < ACTIVE;
  }

  // ---- time ----

  /**
   * Does what is due. Returns when to call again, or {@link UdpPath#NEVER} if nothing is in use.
   */
  public long onTimer(long now) {
    giveUpDeadPaths(now);
    if (!active(now)) {
      burst.stop();
      return NEVER;
    }
    runBurst(now);
    heartbeat(now);
    return next(now);
  }

  private void giveUpDeadPaths(long now) {
    if (best == null) {
      return;
    }
    boolean silent =
        best.unansweredSince != NEVER
            && now - best.unansweredSince > DEAD
            && UdpPath.newer(best.lastPing, best.lastPong);
    boolean expired = now - best.trustedUntil > GRACE;
    if (!silent && !expired) {
      return;
    }
    UdpPath dead = best;
    dead.trustedUntil = NEVER;
    dead.confirmedSince = NEVER;
    dead.lastPong = NEVER;
    dead.lastPing = NEVER;
    dead.unansweredSince = NEVER;
    best = paths.bestTrusted(now);
    if (lastSource == dead) {
      lastSource = null;
    }
    orders.closed(dead, silent ? "no answer for 2.5 s under traffic" : "no answer to probes");
    if (best == null && active(now)) {
      startBurst(now);
    }
  }

  private void runBurst(long now) {
    if (burst.take(now) && (best == null || !best.trusted(now))) {
      for (UdpPath path : paths.snapshot()) {
        if (path.told || path.proven()) {
          probe(path, now);
        }
      }
    }
  }

  private void heartbeat(long now) {
    if (best != null) {
      boolean due = due(best, HEARTBEAT, now);
      boolean suspect =
          best.unansweredSince != NEVER
              && now - best.unansweredSince >= SUSPECT
              && due(best, SUSPECT / 2, now);
      if (due || suspect) {
        probe(best, now);
      }
    } else if (!burst.running()) {
      call(now);
      for (UdpPath path : paths.snapshot()) {
        if (path.told && due(path, HEARTBEAT, now)) {
          probe(path, now);
        }
      }
    }
  }

  private void probe(UdpPath path, long now) {
    if (orders.ping(path)) {
      path.tried(now);
      path.lastPing = now;
      path.probes++;
    }
  }

  private long next(long now) {
    if (burst.running()) {
      return Math.max(now + MS, burst.next());
    }
    boolean watching = best != null && best.unansweredSince != NEVER;
    return now + (watching ? SUSPECT / 2 : 1_000 * MS);
  }
}
