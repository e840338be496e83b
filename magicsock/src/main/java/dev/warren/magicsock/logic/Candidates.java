package dev.warren.magicsock.logic;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The UDP addresses at which a peer may be: a bounded set, oldest first. Socket loop only. */
final class Candidates {
  /** Candidates that are remembered for a peer; unproven and oldest ones go first. */
  static final int MAX_PATHS = 32;

  /**
   * Unproven ones that one directory may have among them, so that what one says does not push out
   * what the others do.
   */
  static final int MAX_FOUND = 12;

  /** Those that directories may have even where all others were named by the application. */
  static final int MIN_FOUND = 8;

  private final Map<InetSocketAddress, UdpPath> paths = new LinkedHashMap<>();
  private final Consumer<UdpPath> forgotten;

  /** {@code forgotten} hears of each that had to go. */
  Candidates(Consumer<UdpPath> forgotten) {
    this.forgotten = forgotten;
  }

  @Nullable UdpPath get(InetSocketAddress address) {
    return paths.get(address);
  }

  Collection<UdpPath> all() {
    return paths.values();
  }

  /** A copy, to walk over while sending may change the set. */
  List<UdpPath> snapshot() {
    return List.copyOf(paths.values());
  }

  /**
   * Adds an address that is not there yet. Of a full set the oldest unproven one goes, else the
   * oldest; never one that {@code inUse} names. Null if all are in use.
   */
  @Nullable UdpPath add(
      InetSocketAddress address,
      String provenance,
      boolean told,
      int maxDatagram,
      Predicate<UdpPath> inUse) {
    if (paths.size() >= MAX_PATHS
        && !forget(p -> !p.proven() && !inUse.test(p))
        && !forget(p -> !inUse.test(p))) {
      return null;
    }
    UdpPath path = new UdpPath(address, provenance, told, maxDatagram);
    paths.put(address, path);
    return path;
  }

  /**
   * Adds an address that a directory names. It takes the place of the oldest unproven one of the
   * same directory if that has its share, in a full set of one that another directory or a stranger
   * named; never of a proven one. Null if there is no room.
   */
  @Nullable UdpPath addFound(
      InetSocketAddress address, String provenance, int maxDatagram, Predicate<UdpPath> inUse) {
    Predicate<UdpPath> unproven = p -> !p.proven() && !inUse.test(p);
    Predicate<UdpPath> found = p -> p.foundOnly && unproven.test(p);
    boolean room = true;
    if (count(p -> found.test(p) && p.provenance.equals(provenance)) >= MAX_FOUND) {
      room = forget(p -> found.test(p) && p.provenance.equals(provenance));
    } else if (paths.size() >= MAX_PATHS) {
      boolean tooFew = count(p -> p.foundOnly) < MIN_FOUND;
      room = forget(p -> !p.told && unproven.test(p)) || forget(tooFew ? unproven : found);
    }
    if (!room) {
      return null;
    }
    UdpPath path = new UdpPath(address, provenance, true, maxDatagram);
    path.foundOnly = true;
    paths.put(address, path);
    return path;
  }

  private long count(Predicate<UdpPath> which) {
    return paths.values().stream().filter(which).count();
  }

  private boolean forget(Predicate<UdpPath> which) {
    for (Iterator<UdpPath> it = paths.values().iterator(); it.hasNext(); ) {
      UdpPath path = it.next();
      if (which.test(path)) {
        it.remove();
        forgotten.accept(path);
        return true;
      }
    }
    return false;
  }

  /** The best of those that are trusted now. */
  @Nullable UdpPath bestTrusted(long now) {
    UdpPath best = null;
    for (UdpPath path : paths.values()) {
      if (path.trusted(now) && path.proven()) {
        best = UdpPath.better(best, path);
      }
    }
    return best;
  }
}
