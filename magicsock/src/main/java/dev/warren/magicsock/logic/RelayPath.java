package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;
import static dev.warren.magicsock.logic.UdpPath.earlier;

import dev.warren.base.RelayUrl;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way to one peer through a relay, and through which.
 *
 * <pre>
 * (none) --told, heard--> GOOD --link lost, peer left, ping not answered--> SEARCHING
 *                          ^                                                   |
 *                          '------------- heard by any relay ------------------'
 * </pre>
 *
 * <ul>
 *   <li>A relay that works is kept, whatever others bring, and one that is neither told of nor ours
 *       moves nothing by its mere word: or else whoever runs one could draw the traffic to his. It
 *       must bring the answer to a Ping of ours. See {@link RelayPlaces}.
 *   <li>While it is used it is pinged every five seconds, through to the peer. It does not work if
 *       our connection to it is lost, if it says that the peer has left it, or if nothing came
 *       through it for two seconds after a Ping; for a peer that has never spoken disco, if three
 *       datagrams, half a second apart, brought nothing. The first word through another credible
 *       relay is then enough.
 *   <li>If that word does not come within a second, the peer is searched for: at 0, 0.5, 1.5, 3.5,
 *       7.5 s and then every eight seconds while traffic waits, Pings go through every relay that
 *       it may be at: those it was told to be at, those it was heard by, our own (two nodes of one
 *       fleet know the same). A Ping also tells the peer by which relay it can answer. The traffic
 *       itself takes turns among those that are connected, for peers without disco.
 * </ul>
 *
 * Facts come in, orders go out through {@link Orders}; time is an argument. Socket loop only.
 */
public final class RelayPath {
  /** Orders; each is carried out at once. */
  public interface Orders {
    /** Sends a Ping through a relay, connecting to it if need be. */
    void pingRelay(RelayUrl url);

    /** Whether a relay is connected. */
    boolean relayConnected(RelayUrl url);

    /** Our own relays. */
    List<RelayUrl> ownRelays();

    /** No way to the peer works at present: whoever may know another should be asked. */
    default void lost() {}
  }

  /** Distance between Pings through the relay while it carries traffic. */
  static final long PING = Duration.ofSeconds(5).toNanos();

  /** Who was heard within this time, which a Ping while in use sees to, is there. */
  static final long FRESH = PING + Duration.ofSeconds(2).toNanos();

  /** A Ping that is not answered for this long says that the peer is not there. */
  static final long SILENT = Duration.ofSeconds(2).toNanos();

  /** Datagrams to a peer without disco that bring nothing, and least distance between them. */
  static final int UNHEARD = 3;

  static final long UNHEARD_EVERY = Duration.ofMillis(500).toNanos();

  /**
   * How long a relay may take to be connected, again too, and a peer to come back to it, before the
   * peer is searched for elsewhere. Most losses are over by then; a search opens connections.
   */
  static final long CONNECT = Duration.ofSeconds(1).toNanos();

  /** Nothing is searched for unless something was sent within this time. */
  static final long WANTED = Duration.ofSeconds(15).toNanos();

  static final long SEARCH_FIRST = Duration.ofMillis(500).toNanos();
  static final long SEARCH_MAX = Duration.ofSeconds(8).toNanos();

  /** Relays that one search asks. */
  static final int ASKED = 8;

  private final Orders orders;
  private final RelayPlaces places = new RelayPlaces();

  private @Nullable RelayUrl current;
  private long since = NEVER;
  private long used = NEVER;
  private long sent = NEVER;
  private long pinged = NEVER;
  private long unanswered = NEVER;
  private long disconnected = NEVER;
  private long rttNanos;
  private boolean delivered;
  private long lastHeard = NEVER;
  private boolean speaksDisco;
  private int unheard;
  private long unheardAt = NEVER;

  private long nextSearch = NEVER;
  private long searchWait;
  private long deadline = NEVER;

  public RelayPath(Orders orders) {
    this.orders = orders;
  }

  // ---- what is so ----

  /** The relay that traffic takes; null if none is known. */
  public @Nullable RelayUrl current() {
    return current;
  }

  /** Since when, or {@link UdpPath#NEVER}. */
  public long since() {
    return since;
  }

  /** Round trip of the last Ping through it, nanoseconds; zero if none was answered. */
  public long rtt() {
    return rttNanos;
  }

  /** Whether something of the peer came through it: it is there. */
  public boolean delivered() {
    return delivered;
  }

  /** Whether it is connected. */
  public boolean connected() {
    return current != null && orders.relayConnected(current);
  }

  public boolean searching() {
    return nextSearch != NEVER;
  }

  private boolean works(long now) {
    return !searching()
        && current != null
        && (credible(current) || places.isNamed(current))
        && orders.relayConnected(current)
        && places.leftAt(current) == null
        && !silent(now);
  }

  private boolean credible(RelayUrl url) {
    return places.credible(url, orders.ownRelays());
  }

  private boolean silent(long now) {
    return speaksDisco ? unanswered != NEVER && now - unanswered >= SILENT : unheard >= UNHEARD;
  }

  // ---- facts ----

  /**
   * Someone says that the peer is at this relay. It is tried there, unless it was just heard by the
   * present one: an old ticket must not interrupt a connection.
   */
  public void onTold(RelayUrl url, long now) {
    onTold(url, "application", now);
  }

  /** As above; {@code provenance} is shown to people. */
  public void onTold(RelayUrl url, String provenance, long now) {
    places.told(url, provenance, now);
    if (!works(now) || !delivered || now - lastHeard >= FRESH) {
      move(url, now);
    }
  }

  /**
   * A directory says that the peer is at this relay; anybody may have written that. One that has
   * brought something of the peer and works is kept. If nothing came through it just now, or it was
   * itself only found, both are pinged, and the answer decides; so it does where neither has
   * brought anything yet, and meanwhile what was found last is used.
   */
  public void onFound(RelayUrl url, String provenance, long now) {
    places.found(url, provenance, now);
    if (url.equals(current)) {
      return;
    }
    if (delivered && works(now)) {
      if (unproven(now)) {
        ping(current, now);
        orders.pingRelay(url);
      }
      return;
    }
    RelayUrl before = current;
    move(url, now);
    if (before != null) {
      ping(url, now);
      orders.pingRelay(before);
    }
  }

  /** Whether nothing but a claim, or only what was so some time ago, speaks for the present one. */
  private boolean unproven(long now) {
    return !delivered || !fresh(now) || !credible(current);
  }

  private boolean fresh(long now) {
    return lastHeard != NEVER && now - lastHeard < FRESH;
  }

  /** Who said of a relay that the peer is there. */
  public List<Sources.Told> toldBy(RelayUrl url) {
    return places.sources(url);
  }

  /** Relays at which others said the peer is; the one in use may be among them. */
  public List<RelayUrl> named() {
    return places.named();
  }

  /** When something of the peer last came through it, or {@link UdpPath#NEVER}. */
  public long lastHeard() {
    return delivered ? lastHeard : NEVER;
  }

  /** Whether the peer was heard through it a moment ago. */
  boolean heardLately(long now) {
    return delivered && fresh(now);
  }

  /** Whether the peer was heard through it, and nothing is wrong with it since. */
  boolean usable(long now) {
    return delivered && works(now);
  }

  /** Whether the peer was heard through it a moment ago, and nothing is wrong with it since. */
  public boolean working(long now) {
    return delivered && works(now) && fresh(now);
  }

  /**
   * A dial begins. A relay that nobody told of is only worth a try while it is connected and more
   * than claims that the peer is there; a peer of whom nothing is known may be at {@code ours}.
   */
  public void onDial(Optional<RelayUrl> ours, long now) {
    if (current == null
        || !places.isNamed(current) && !(orders.relayConnected(current) && credible(current))) {
      places.newestNamed().or(() -> ours).ifPresent(url -> move(url, now));
    }
  }

  /**
   * A relay says that something came from the peer. True if traffic moves to it: it is credible, or
   * we know of no other.
   */
  public boolean onHeard(RelayUrl url, long now) {
    if (current == null || url.equals(current) || credible(url)) {
      return onThere(url, now);
    }
    places.claimed(url);
    return false;
  }

  /**
   * A Ping of the peer came by a relay. It wrote that, but perhaps long ago and to be carried
   * elsewhere: if its relay does not work, its answer to a Ping of ours will show.
   */
  public boolean onPing(RelayUrl url, long now) {
    boolean moved = onHeard(url, now);
    if (!url.equals(current) && !credible(url) && !works(now)) {
      orders.pingRelay(url);
    }
    return moved;
  }

  /** The answer to a Ping of ours through a relay: the peer is there. True if traffic moves. */
  public boolean onPong(RelayUrl from, long rtt, long now) {
    boolean unproven = current == null || unproven(now);
    places.heard(from);
    boolean moved = onThere(from, unproven, now);
    if (from.equals(current)) {
      rttNanos = rtt;
    }
    return moved;
  }

  private boolean onThere(RelayUrl url, long now) {
    return onThere(url, false, now);
  }

  /** {@code better} if it has shown more than the present one, even if nothing is wrong there. */
  private boolean onThere(RelayUrl url, boolean better, long now) {
    if (!url.equals(current) || !delivered) {
      if (credible(url)) {
        places.heard(url);
      } else {
        places.claimed(url);
      }
    }
    places.back(url);
    boolean moved = false;
    if (!url.equals(current)) {
      if (works(now) && !better) {
        return false;
      }
      move(url, now);
      moved = true;
    }
    delivered = true;
    lastHeard = now;
    unanswered = NEVER;
    unheard = 0;
    disconnected = NEVER;
    nextSearch = NEVER;
    return moved;
  }

  /** What came by a relay was disco: the peer answers Pings. */
  public void onDisco() {
    speaksDisco = true;
  }

  /** A relay says that the peer has left it. */
  public void onLeft(RelayUrl url, long now) {
    if (url.equals(current) || places.knows(url)) {
      places.left(url, now);
    }
    if (url.equals(current)) {
      wake(now + CONNECT);
    }
  }

  /** Our connection to a relay is lost. */
  public void onLinkLost(RelayUrl url, long now) {
    if (url.equals(current)) {
      disconnected = now;
      wake(now + CONNECT);
    }
  }

  /** We can be reached elsewhere: a Ping tells the peer so. */
  public void onHomeChange(long now) {
    if (current != null && !searching()) {
      ping(current, now);
    }
  }

  /** A datagram went out through the relay. */
  public void onSent(long now) {
    sent = now;
    onUsed(now);
    if (!speaksDisco && (unheard == 0 || now - unheardAt >= UNHEARD_EVERY)) {
      unheardAt = now;
      if (++unheard == UNHEARD) {
        wake(now);
      }
    }
    if (searching()) {
      wake(nextSearch);
    }
  }

  /** The relay carries traffic, either way. */
  public void onUsed(long now) {
    used = now;
    wake(pinged == NEVER ? now : pinged + PING);
  }

  private void move(RelayUrl url, long now) {
    if (url.equals(current)) {
      return;
    }
    current = url;
    since = now;
    rttNanos = 0;
    pinged = NEVER;
    unanswered = NEVER;
    unheard = 0;
    disconnected = NEVER;
    delivered = false;
  }

  // ---- time ----

  /** When {@link #onTimer} has work; {@link UdpPath#NEVER} if nothing is in use. */
  public long deadline() {
    return deadline;
  }

  private void wake(long at) {
    deadline = earlier(deadline, at);
  }

  private boolean inUse(long now) {
    return used != NEVER && now - used < PING;
  }

  private boolean wanted(long now) {
    return sent != NEVER && now - sent < WANTED;
  }

  /** Does what is due; true if the traffic takes another relay now. */
  public boolean onTimer(long now) {
    deadline = NEVER;
    if (current == null) {
      return false;
    }
    RelayUrl before = current;
    if (searching() && !wanted(now)) {
      nextSearch = NEVER;
    }
    if (wanted(now)) {
      watch(now);
    }
    if (!searching() && inUse(now) && (pinged == NEVER || now - pinged >= PING)) {
      ping(current, now);
    }
    next(now);
    return !before.equals(current);
  }

  private void ping(RelayUrl url, long now) {
    pinged = now;
    if (unanswered == NEVER) {
      unanswered = now;
    }
    orders.pingRelay(url);
  }

  private void watch(long now) {
    if (orders.relayConnected(current)) {
      disconnected = NEVER;
    } else if (disconnected == NEVER) {
      disconnected = now;
    }
    boolean lost = disconnected != NEVER && now - disconnected >= CONNECT;
    Long leftAt = places.leftAt(current);
    boolean gone = leftAt != null && now - leftAt >= CONNECT;
    if (!searching() && (lost || gone || silent(now))) {
      searchWait = SEARCH_FIRST;
      nextSearch = now;
      orders.lost();
    }
    if (searching() && now - nextSearch >= 0) {
      search(now);
    }
  }

  private void search(long now) {
    List<RelayUrl> candidates = places.toAsk(orders.ownRelays(), ASKED);
    takeTurns(candidates, now);
    for (RelayUrl url : candidates) {
      orders.pingRelay(url);
    }
    nextSearch = now + searchWait;
    searchWait = Math.min(SEARCH_MAX, 2 * searchWait);
  }

  private void takeTurns(List<RelayUrl> candidates, long now) {
    int at = candidates.indexOf(current);
    for (int i = 1; i <= candidates.size(); i++) {
      RelayUrl url = candidates.get((at + i) % candidates.size());
      if (orders.relayConnected(url) && places.leftAt(url) == null) {
        move(url, now);
        return;
      }
    }
  }

  private void next(long now) {
    if (searching()) {
      wake(nextSearch);
      return;
    }
    if (inUse(now)) {
      wake(Probes.onGrid(pinged + PING));
    }
    if (wanted(now)) {
      if (unanswered != NEVER && speaksDisco) {
        wake(Probes.onGrid(unanswered + SILENT));
      }
      if (disconnected != NEVER) {
        wake(disconnected + CONNECT);
      }
      Long leftAt = places.leftAt(current);
      if (leftAt != null) {
        wake(leftAt + CONNECT);
      }
    }
  }
}
