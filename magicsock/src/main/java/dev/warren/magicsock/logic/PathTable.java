package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;
import static dev.warren.magicsock.logic.UdpPath.earlier;

import dev.warren.base.RelayUrl;
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
 *   <li>When candidates are probed, {@link Probes} says.
 *   <li>An address that wrote to us unasked gets no more bytes than it sent until it is proven.
 *   <li>Datagrams larger than the direct path is known to carry ({@link PathMtu}) go by the relay
 *       ({@link Diversion}). A relay that has brought nothing from this peer yet is pinged first:
 *       the peer may not be there.
 *   <li>Which relay it is, {@link RelayPath} says.
 * </ul>
 *
 * Socket loop only.
 */
public final class PathTable {
  /** Orders of the table; each is carried out at once. */
  public interface Orders extends RelayPath.Orders {
    /**
     * Sends a Ping to {@code path}, as a datagram of {@code size} bytes ({@link
     * PathMtu#SMALL_PING}: a small one). False if it could not be handed over.
     */
    boolean ping(UdpPath path, int size);

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

  /** The peer counts as in use for this long after its last datagram. */
  static final long ACTIVE = 45_000 * MS;

  /** Sent without an answer for this long: give up. */
  static final long DEAD = 2_500 * MS;

  /**
   * Sent without an answer for this long, or so many round trips: the relay gets it too. QUIC
   * answers within 25 ms, and says again what is lost ever more rarely: what it says while a path
   * is silent should not all be lost.
   */
  static final long DOUBT = 500 * MS;

  static final int DOUBT_TRIPS = 4;

  /** Candidates that get copies of the first flight. */
  static final int FAN_OUT = 4;

  /** Datagrams that one unconfirmed candidate gets as copies in one dial. */
  static final int COPIES = 16;

  /** Least distance between bursts because of findings: a directory may have much to say. */
  static final long FOUND_EVERY = 1_000 * MS;

  /** Least distance between two words that no way works; a lookup may take as long. */
  static final long LOST_EVERY = 5_000 * MS;

  /** Bytes of a Ping without padding, on the wire (disco section 8.3). */
  static final int PING_BYTES = 124;

  /** Distance between probes of an address that sends payload and has not been proven. */
  static final long PROVE_EVERY = 100 * MS;

  private final Orders orders;
  private final int maxDatagram;
  private final Candidates paths;
  private final Probes probes;
  private @Nullable UdpPath best;
  private @Nullable UdpPath lastSource;
  private long lastUsed = NEVER;
  private boolean dialling;

  /** Whether some candidate may get copies: looked for with each datagram else. */
  private boolean copiesLeft;

  private boolean foundAny;
  private long lastFound = NEVER;
  private long lastLost = NEVER;
  private final Diversion diversion = new Diversion();
  private final RelayPath relay;
  private long deadline = NEVER;

  /** {@code maxDatagram} is the largest that will ever be sent, in bytes. */
  public PathTable(Orders orders, int maxDatagram) {
    this.orders = orders;
    this.maxDatagram = maxDatagram;
    this.relay = new RelayPath(orders);
    this.paths = new Candidates(orders::forgotten);
    this.probes = new Probes(orders, paths, maxDatagram);
  }

  // ---- candidates ----

  /** Adds an address; {@code told} if it may be probed unasked. Returns its path. */
  public @Nullable UdpPath add(
      InetSocketAddress address, String provenance, boolean told, long now) {
    copiesLeft = true;
    UdpPath path = paths.get(address);
    if (path != null) {
      path.told |= told;
      path.fullAtOnce |= told;
      path.foundOnly &= !told;
      if (told) {
        path.named(provenance, now);
      }
      return path;
    }
    path = addNew(address, provenance, told, now);
    probeNew(path, now);
    return path;
  }

  /**
   * Adds an address that a directory names, which anybody may have written: it never takes the
   * place of one that works. Returns its path; null if there is no room.
   */
  public @Nullable UdpPath addFound(InetSocketAddress address, String provenance, long now) {
    copiesLeft = true;
    UdpPath path = paths.get(address);
    if (path == null) {
      path = paths.addFound(address, provenance, maxDatagram, p -> p == best || p == lastSource);
      foundAny |= path != null;
    }
    if (path != null) {
      path.told = true;
      path.named(provenance, now);
    }
    return path;
  }

  /**
   * A finding is complete: what is new in it is tried at once if nothing else works. True if there
   * is an address that was not known.
   */
  public boolean onFound(long now) {
    boolean any = foundAny;
    if (foundAny && active(now) && (best == null || !best.trusted(now))) {
      if (lastFound == NEVER || now - lastFound >= FOUND_EVERY) {
        lastFound = now;
        startBurst(now);
      } else {
        for (UdpPath path : paths.snapshot()) {
          if (path.foundOnly && path.lastTry == NEVER) {
            probes.probe(path, now);
          }
        }
      }
    }
    foundAny = false;
    return any;
  }

  /** Whether nothing of the peer has come on any way that is in use now. */
  public boolean unheard(long now) {
    return best == null && lastSource == null && !relay.heardLately(now);
  }

  /** Adds an address that the peer itself names. */
  private @Nullable UdpPath addCalled(InetSocketAddress address, long now) {
    copiesLeft = true;
    UdpPath path = paths.get(address);
    if (path != null) {
      path.told = true;
      path.foundOnly = false;
      path.named("call-me-maybe", now);
      return path;
    }
    path = addNew(address, "call-me-maybe", true, now);
    if (path != null) {
      path.fullAtOnce = false;
    }
    probeNew(path, now);
    return path;
  }

  private @Nullable UdpPath addNew(
      InetSocketAddress address, String provenance, boolean told, long now) {
    UdpPath path =
        paths.add(address, provenance, told, maxDatagram, p -> p == best || p == lastSource);
    if (path != null) {
      path.named(provenance, now);
    }
    return path;
  }

  private void probeNew(@Nullable UdpPath path, long now) {
    if (path != null && path.told && probes.bursting()) {
      probes.probe(path, now);
    }
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
    copiesLeft = true;
    lastLost = now; // who dials asks by himself
    paths.all().forEach(UdpPath::onDial);
    startBurst(now);
  }

  private void startBurst(long now) {
    used(now);
    probes.startBurst(now);
    onTimer(now);
  }

  /** A valid Ping came by UDP. True if it deserves a Pong. */
  public boolean onPing(UdpPath from, byte[] tx, int bytes, long now) {
    from.bytesReceived += bytes;
    used(now);
    return from.firstPing(tx);
  }

  /** After the Pong: ask back if there is nothing better and the address has sent enough. */
  public void pingBack(UdpPath from, long now) {
    if ((best == null || !best.trusted(now)) && from.mayAnswer(PING_BYTES)) {
      probes.probe(from, now);
    }
  }

  /** A Pong to a Ping of ours that was {@code size} bytes long. */
  public void onPong(UdpPath from, int size, long rttNanos, long now) {
    if (!from.proven()) {
      from.mtu.onProven(rttNanos, now);
    }
    from.mtu.onPong(size, rttNanos, now);
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
    if (from == best) {
      probes.probeSizes(from, now);
      if (from.mtu.state() == PathMtu.State.FULL) {
        diversion.end();
      }
    }
  }

  /**
   * The peer lists its addresses, through the relay that vouches for it. False if it did so a
   * moment ago and nothing was done.
   */
  public boolean onCallMeMaybe(List<InetSocketAddress> addresses, long now) {
    if (!probes.onCalled(now)) {
      return false;
    }
    for (InetSocketAddress address : addresses) {
      UdpPath path = addCalled(address, now);
      if (path != null) {
        path.forgetPings();
      }
    }
    if (best == null || !best.trusted(now)) {
      startBurst(now);
    }
    return true;
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
    used(now);
    if (!from.proven() && from.mayAnswer(PING_BYTES) && Probes.due(from, PROVE_EVERY, now)) {
      // Whoever talks to us should soon be able to get more than he sends.
      probes.probe(from, now);
    }
  }

  // ---- the relay ----

  /** The relay that the peer is reached by. */
  public @Nullable RelayUrl relayUrl() {
    return relay.current();
  }

  /** What is known of it; facts about it go in here. */
  public RelayPath relay() {
    return relay;
  }

  /** Something of the peer came through a relay; true if traffic moves to that one. */
  public boolean onHeardByRelay(RelayUrl url, long now) {
    return relay.onHeard(url, now);
  }

  /** Our connection to a relay is lost, or it says that the peer has left it. */
  public void onRelayTrouble(RelayUrl url, boolean left, long now) {
    if (left) {
      relay.onLeft(url, now);
    } else {
      relay.onLinkLost(url, now);
    }
    wakeForRelay(now);
  }

  /** Another relay is our home now. */
  public void onHomeChange(long now) {
    if (active(now)) {
      relay.onHomeChange(now);
      wakeForRelay(now);
    }
  }

  /** A datagram went out through the relay. */
  public void onRelaySent(long now) {
    used(now);
    relay.onSent(now);
    wake(relay.deadline());
  }

  private void wakeForRelay(long now) {
    if (active(now)) {
      wake(relay.deadline());
    }
  }

  /** A datagram of the peer arrived through a relay. */
  public void onRelayPayload(long now) {
    used(now);
    relay.onUsed(now);
    wake(relay.deadline());
    if (best == null && !probes.bursting() && probes.mayCall(now)) {
      startBurst(now);
    }
  }

  /** The network changed: nothing is trusted any more, everything is probed. */
  public void onNetworkChange(long now) {
    for (UdpPath path : paths.all()) {
      if (path.trusted(now)) {
        path.trustedUntil = now;
      }
      path.forgetPings();
      path.mtu.reset(now);
    }
    probes.forgetCall();
    startBurst(now);
  }

  /** Our addresses are others now: a peer that is not reached directly should know them. */
  public void onOwnAddresses(long now) {
    if (best == null || !best.trusted(now)) {
      probes.forgetCall();
      startBurst(now);
    }
  }

  /** Takes over what a provisional peer's path has counted. */
  public void adopt(UdpPath path, UdpPath from, long now) {
    path.bytesReceived += from.bytesReceived;
    path.bytesSent += from.bytesSent;
    path.lastPayload = from.lastPayload;
    lastSource = path;
    used(now);
  }

  // ---- choice ----

  /**
   * The choice for a datagram of {@code size} bytes, or a batch of such; cheap while a path is
   * trusted.
   */
  public void choose(PathChoice choice, int size, boolean batch, boolean haveRelay, long now) {
    if (batch) {
      // QUIC searches with single datagrams; what comes in batches it has reason to believe in.
      diversion.carried(size);
    }
    choice.copies.clear();
    choice.direct = best;
    choice.tooLarge = false;
    if (best != null && best.trusted(now)) {
      choice.relay = haveRelay && doubtful(best, now);
      if (size >= PathMtu.LARGE) {
        best.mtu.onLarge(now);
        wake(best.mtu.next(best.rttNanos, now));
      }
      if (size > best.mtu.limit() || diversion.begun()) {
        chooseForSize(choice, best, size, haveRelay, now);
      } else {
        diversion.carried(size);
      }
      return;
    }
    if (haveRelay) {
      diversion.carried(size);
    }
    choice.relay = haveRelay;
    if (best != null) {
      return;
    }
    if (dialling) {
      copyToSome(choice);
    }
    if (lastSource != null && !choice.copies.contains(lastSource)) {
      choice.copies.add(lastSource);
    }
  }

  /** Silent for longer than answers take: the relay goes along until it speaks or is given up. */
  private static boolean doubtful(UdpPath path, long now) {
    return path.unansweredSince != NEVER
        && now - path.unansweredSince > Math.max(DOUBT, DOUBT_TRIPS * path.rttNanos);
  }

  /**
   * Those that had the fewest copies so far, so that every candidate has its turn: the first ones
   * may be old addresses of a peer that has moved.
   */
  private void copyToSome(PathChoice choice) {
    if (!copiesLeft) {
      return;
    }
    for (int most = 0; most < COPIES && choice.copies.size() < FAN_OUT; most++) {
      for (UdpPath path : paths.all()) {
        if (path.told && path.copies == most && choice.copies.size() < FAN_OUT) {
          choice.copies.add(path);
        }
      }
    }
    copiesLeft = !choice.copies.isEmpty();
  }

  private void chooseForSize(
      PathChoice choice, UdpPath direct, int size, boolean haveRelay, long now) {
    boolean large = size > direct.mtu.limit();
    if (large && diversion.searchesMtu(size)) {
      return;
    }
    boolean usable = haveRelay && relay.delivered() && relay.connected();
    if (large && usable) {
      if (diversion.begin(now)) {
        // So that it is told at once.
        wake(now);
      }
    } else if (large && haveRelay) {
      // A Ping tells whether the peer is there.
      relay.onUsed(now);
      wake(relay.deadline());
    }
    choice.relay = usable && diversion.on(now);
    choice.tooLarge = choice.relay || large && direct.mtu.isSmall();
    if (choice.relay) {
      diversion.carried(size);
    }
  }

  /** Whether the relay carries the traffic because it is too large for the direct path. */
  public boolean diverted(long now) {
    return diversion.on(now);
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
      wake(now + Probes.SUSPECT);
    }
    used(now);
    return true;
  }

  /** A datagram went to the peer or came from it. */
  public void used(long now) {
    lastUsed = now;
    if (deadline == NEVER) {
      wake(now);
    }
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
   * When {@link #onTimer} has work; {@link UdpPath#NEVER} if nothing is in use. Every event may
   * bring it forward.
   */
  public long deadline() {
    return deadline;
  }

  private void wake(long at) {
    deadline = earlier(deadline, at);
  }

  /** Does what is due. Returns the new {@link #deadline}. */
  public long onTimer(long now) {
    giveUpDeadPaths(now);
    if (active(now)) {
      probes.onTimer(best, now);
      tellIfLost(now);
      relay.onTimer(now);
      if (!diversion.on(now)) {
        diversion.end();
      }
      deadline = next(now);
    } else {
      probes.stop();
      deadline = NEVER;
    }
    return deadline;
  }

  /** Again and again: others may come to know more. */
  private void tellIfLost(long now) {
    boolean heard =
        lastSource != null
            && (lastSource.unansweredSince == NEVER || now - lastSource.unansweredSince < DEAD);
    if (best == null
        && !heard
        && !relay.usable(now)
        && (lastLost == NEVER || now - lastLost >= LOST_EVERY)) {
      lastLost = now;
      orders.lost();
    }
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
    dead.giveUp(now);
    best = paths.bestTrusted(now);
    if (lastSource == dead) {
      lastSource = null;
    }
    orders.closed(dead, silent ? "no answer for 2.5 s under traffic" : "no answer to probes");
    if (best == null && active(now)) {
      startBurst(now);
    }
  }

  private long next(long now) {
    long at = probes.next(best, now);
    if (best != null) {
      if (!best.trusted(now)) {
        // While it is trusted the next heartbeat comes before that, and its answer moves it.
        at = earlier(at, best.trustedUntil + GRACE + MS);
      }
      if (best.unansweredSince != NEVER) {
        at = earlier(at, best.unansweredSince + DEAD + MS);
      }
    }
    at = earlier(at, diversion.until());
    at = earlier(at, relay.deadline());
    return at - now < MS ? now + MS : at;
  }
}
