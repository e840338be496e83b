package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

import dev.warren.base.RelayUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which of our relays is home: the one that is dialled and kept, and once it is connected told to
 * others.
 *
 * <pre>
 * LOOKING --one answers first, or 3 s--> MOVING --connected--> HOME --report prefers another-+
 *                                          ^  '--not in 3 s: try another too                 |
 *                                          '--lost for 1 s, removed--------------------------'
 * </pre>
 *
 * <ul>
 *   <li>With one relay nothing is measured. With several, the one that answers a probe first is
 *       dialled at once; reports may prefer another later, by the rule of {@link
 *       RelayLatencies#preferred}.
 *   <li>A move is made before the old home is given up: until the new one is connected, the old one
 *       is home, and stays so if the new one cannot be had.
 *   <li>A home that is lost has 1 to 1.5 s to come back, which a restart takes; then the nearest
 *       other one is dialled, and a report is made. One that says that it goes away, or does not
 *       let us in, has no such time. Each that is not connected within three seconds is joined by
 *       the next. The first that connects is home. So with another relay that can be reached, home
 *       moves 1.5 s after the loss was noticed, plus the time of one dial.
 *   <li>A relay that could not be connected to, and a home that was lost and replaced, is not
 *       chosen for a minute, however near it is. After that it is a relay like others, and is taken
 *       if the rule prefers it.
 * </ul>
 *
 * Facts come in ({@code on…}), orders go out through {@link Orders}; time is an argument. Socket
 * loop only.
 */
public final class HomeRelay {
  /** Orders; each is carried out at once. */
  public interface Orders {
    /** Connects to a relay and keeps it. */
    void keep(RelayUrl url);

    /** It is kept no longer for its own sake. */
    void release(RelayUrl url);

    /** Another is home, or none. */
    void homeChanged();

    /** The latencies are wanted now. */
    void report();
  }

  /**
   * How long a lost home may take to come back. Its client dials again after 100 to 500 ms; a move
   * costs every peer a search, so it should not follow from a blip.
   */
  static final long LOST = Duration.ofSeconds(1).toNanos();

  /** All clients of a relay lose it at once; they should not come to the next one at once. */
  static final long LOST_SPREAD = Duration.ofMillis(500).toNanos();

  /** A relay that is not connected by then is not waited for alone: three tries of a SYN. */
  static final long DIAL = Duration.ofSeconds(3).toNanos();

  /** How long a relay that could not be connected to, or was lost, is left out. */
  static final long AVOID = Duration.ofMinutes(1).toNanos();

  private final Orders orders;
  private final RandomGenerator random;
  private final RelayLatencies latencies = new RelayLatencies();
  private final Set<RelayUrl> relays;
  private final Map<RelayUrl, Long> avoided = new HashMap<>();

  /** Dialled in order to become home, oldest first. Home is not among them. */
  private final LinkedHashSet<RelayUrl> dialled = new LinkedHashSet<>();

  private @Nullable RelayUrl home;
  private boolean connected;
  private @Nullable RelayUrl lastHome;
  private long moves;
  private long due = NEVER;

  public HomeRelay(Collection<RelayUrl> relays, RandomGenerator random, Orders orders) {
    this.relays = new LinkedHashSet<>(relays);
    this.random = random;
    this.orders = orders;
  }

  // ---- facts ----

  /** Begins. */
  public void onStart(long now) {
    if (relays.size() > 1) {
      due = now + DIAL;
      orders.report();
    } else {
      dialNext(now);
    }
  }

  /** A relay answered a probe, while others may not have yet. */
  public void onAnswer(RelayUrl url, long now) {
    if (home == null && dialled.isEmpty() && eligible(url, now)) {
      dial(url, now);
    }
  }

  /** A report is complete: the round trip to each relay that answered, nanoseconds. */
  public void onReport(Map<RelayUrl, Long> measured, long now) {
    latencies.add(measured, now);
    List<RelayUrl> eligible =
        relays.stream().filter(u -> u.equals(home) || eligible(u, now)).toList();
    RelayUrl preferred = latencies.preferred(eligible, home).orElse(null);
    if (preferred == null) {
      if (home == null && dialled.isEmpty()) {
        dialNext(now);
      }
    } else if (preferred.equals(home)) {
      if (connected) {
        abandonDials();
      }
    } else if (!dialled.contains(preferred)) {
      dial(preferred, now);
    }
  }

  /** A relay of ours is connected. */
  public void onConnected(RelayUrl url, long now) {
    avoided.remove(url);
    if (url.equals(home)) {
      connected = true;
      abandonDials();
      orders.homeChanged();
    } else if (dialled.remove(url)) {
      RelayUrl old = home;
      if (lastHome != null && !lastHome.equals(url)) {
        moves++;
      }
      if (old != null && !connected) {
        // One that comes and goes would have us move with it.
        avoided.put(old, now + AVOID);
      }
      home = url;
      lastHome = url;
      connected = true;
      abandonDials();
      if (old != null) {
        orders.release(old);
      }
      orders.homeChanged();
    }
  }

  /** The connection to a relay is lost; {@code away}: for longer, it says so itself. */
  public void onLost(RelayUrl url, boolean away, long now) {
    if (url.equals(home) && connected) {
      connected = false;
      if (relays.size() > 1) {
        long spread = random.nextLong(LOST_SPREAD);
        due = now + (away ? 0 : LOST) + spread;
        orders.report();
      }
      orders.homeChanged();
    }
  }

  /** A relay does not let us in: no use waiting for it, but it is kept, as the token may change. */
  public void onRefused(RelayUrl url, long now) {
    if (!connected && keeps(url) && due != NEVER) {
      due = now;
      onTimer(now);
    }
  }

  /** The network is another: nothing measured counts, everything is measured again. */
  public void onNetworkChange(long now) {
    latencies.forget();
    avoided.clear();
    if (relays.size() > 1) {
      orders.report();
    }
  }

  /** One more relay of ours; false if it is one already. */
  public boolean insert(RelayUrl url, long now) {
    if (!relays.add(url)) {
      return false;
    }
    if (home == null && dialled.isEmpty()) {
      dial(url, now);
    }
    if (relays.size() > 1) {
      orders.report();
    }
    return true;
  }

  /** A relay is ours no longer; false if it was not. Home moves on. */
  public boolean remove(RelayUrl url, long now) {
    if (!relays.remove(url)) {
      return false;
    }
    avoided.remove(url);
    if (dialled.remove(url)) {
      orders.release(url);
    }
    if (url.equals(home)) {
      home = null;
      connected = false;
      orders.release(url);
      orders.homeChanged();
    }
    if (home == null && dialled.isEmpty()) {
      dialNext(now);
    }
    return true;
  }

  // ---- time ----

  /** When {@link #onTimer} has work; {@link UdpPath#NEVER} if nothing is waited for. */
  public long deadline() {
    return due;
  }

  /** Does what is due. */
  public void onTimer(long now) {
    if (due == NEVER || now - due < 0) {
      return;
    }
    due = NEVER;
    if (home != null && connected) {
      // The move that was wished for did not come about: everything stays as it is.
      dialled.forEach(u -> avoided.put(u, now + AVOID));
      abandonDials();
    } else {
      dialNext(now);
    }
  }

  /** The nearest relay that is not being tried; when all are, they go on by themselves. */
  private void dialNext(long now) {
    relays.stream()
        .filter(u -> !u.equals(home) && !dialled.contains(u))
        .min(
            Comparator.<RelayUrl, Boolean>comparing(u -> !eligible(u, now))
                .thenComparingLong(u -> latencies.best(u).orElse(Long.MAX_VALUE)))
        .ifPresent(u -> dial(u, now));
  }

  private void dial(RelayUrl url, long now) {
    dialled.add(url);
    due = relays.size() > 1 ? now + DIAL : NEVER;
    orders.keep(url);
  }

  private void abandonDials() {
    List<RelayUrl> given = new ArrayList<>(dialled);
    dialled.clear();
    due = NEVER;
    given.forEach(orders::release);
  }

  private boolean eligible(RelayUrl url, long now) {
    Long until = avoided.get(url);
    return relays.contains(url) && (until == null || until - now <= 0);
  }

  // ---- what is so ----

  /** Our relays, in the order of preference. */
  public List<RelayUrl> relays() {
    return List.copyOf(relays);
  }

  /** Home, connected or not; empty before the first connection. */
  public Optional<RelayUrl> home() {
    return Optional.ofNullable(home);
  }

  /** The relay that others may use for us. */
  public Optional<RelayUrl> connectedHome() {
    return connected ? home() : Optional.empty();
  }

  /** Home, and what is dialled to become it. */
  public List<RelayUrl> wanted() {
    List<RelayUrl> wanted = new ArrayList<>(dialled);
    if (home != null) {
      wanted.add(0, home);
    }
    return wanted;
  }

  /** Whether it must not be left though nobody sends through it. */
  public boolean keeps(RelayUrl url) {
    return url.equals(home) || dialled.contains(url);
  }

  public RelayLatencies latencies() {
    return latencies;
  }

  /**
   * Whether home is so far, by its latest round trip in nanoseconds, that another of our relays was
   * near enough within the last five minutes for a move: all should be measured.
   */
  public boolean isFar(long homeRtt, long now) {
    return relays.stream()
        .filter(u -> !u.equals(home) && eligible(u, now))
        .anyMatch(u -> latencies.best(u).orElse(Long.MAX_VALUE) <= homeRtt / 3 * 2);
  }

  /** How often home has moved from one relay to another. */
  public long moves() {
    return moves;
  }
}
