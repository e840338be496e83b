package dev.warren.magicsock.logic;

import dev.warren.base.RelayUrl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * At which relays one peer may be, and whose word that is.
 *
 * <ul>
 *   <li><em>Told</em>: by a ticket, the program.
 *   <li><em>Found</em>: by a directory, in which others than the peer may have written. It is tried
 *       as one that was told, which it does not push out; its word alone counts for nothing.
 *   <li><em>Heard</em>: a relay that is told, or ours, brought something of the peer; or any relay
 *       brought its answer to a fresh Ping of ours, which nobody else can make.
 *   <li><em>Claimed</em>: another relay says that something came from the peer. It can say so of
 *       anybody.
 * </ul>
 *
 * Bounded; the oldest are forgotten. Socket loop only.
 */
final class RelayPlaces {
  /** Relays that are remembered of each kind. */
  static final int REMEMBERED = 4;

  /** As many again for what directories say, of which each may say {@value #REMEMBERED}. */
  static final int FOUND = 8;

  private final Map<RelayUrl, Sources> sources = new LinkedHashMap<>();
  private final LinkedHashSet<RelayUrl> told = new LinkedHashSet<>();
  private final LinkedHashSet<RelayUrl> found = new LinkedHashSet<>();
  private final LinkedHashSet<RelayUrl> heard = new LinkedHashSet<>();
  private final LinkedHashSet<RelayUrl> claimed = new LinkedHashSet<>();
  private final Map<RelayUrl, Long> left = new LinkedHashMap<>();

  void told(RelayUrl url, String provenance, long now) {
    remember(told, url);
    named(url, provenance, now);
  }

  void found(RelayUrl url, String provenance, long now) {
    remember(found, url, FOUND);
    named(url, provenance, now);
  }

  private void named(RelayUrl url, String provenance, long now) {
    sources.computeIfAbsent(url, u -> new Sources()).add(provenance, now);
    sources.keySet().removeIf(u -> !told.contains(u) && !found.contains(u));
  }

  /** Who named a relay. */
  List<Sources.Told> sources(RelayUrl url) {
    Sources by = sources.get(url);
    return by == null ? List.of() : by.list();
  }

  /** All that were told or found. */
  List<RelayUrl> named() {
    return List.copyOf(sources.keySet());
  }

  void heard(RelayUrl url) {
    claimed.remove(url);
    remember(heard, url);
  }

  void claimed(RelayUrl url) {
    remember(claimed, url);
  }

  private void remember(LinkedHashSet<RelayUrl> urls, RelayUrl url) {
    remember(urls, url, REMEMBERED);
  }

  private void remember(LinkedHashSet<RelayUrl> urls, RelayUrl url, int most) {
    urls.remove(url);
    urls.add(url);
    if (urls.size() > most) {
      urls.remove(urls.iterator().next());
    }
  }

  /** Told or found. */
  boolean isNamed(RelayUrl url) {
    return told.contains(url) || found.contains(url);
  }

  /** What was found last, or else told last. */
  Optional<RelayUrl> newestNamed() {
    return Optional.ofNullable(last(found)).or(() -> Optional.ofNullable(last(told)));
  }

  private static @Nullable RelayUrl last(Collection<RelayUrl> urls) {
    RelayUrl last = null;
    for (RelayUrl url : urls) {
      last = url;
    }
    return last;
  }

  /** Whether its word for the peer's being there is more than a claim. */
  boolean credible(RelayUrl url, List<RelayUrl> own) {
    return told.contains(url) || heard.contains(url) || own.contains(url);
  }

  boolean knows(RelayUrl url) {
    return isNamed(url) || heard.contains(url) || claimed.contains(url);
  }

  /** The relay says that the peer has left it. */
  void left(RelayUrl url, long now) {
    left.remove(url);
    left.put(url, now);
    if (left.size() > 3 * REMEMBERED) {
      left.remove(left.keySet().iterator().next());
    }
  }

  /** Something of the peer came through it after all. */
  void back(RelayUrl url) {
    if (!left.isEmpty()) {
      left.remove(url);
    }
  }

  /** When the relay said that the peer had left; null if it did not. */
  @Nullable Long leftAt(RelayUrl url) {
    return left.get(url);
  }

  /** Where to ask, the likeliest first: heard last, told last, found, our own; claims come last. */
  List<RelayUrl> toAsk(List<RelayUrl> own, int most) {
    LinkedHashSet<RelayUrl> all = new LinkedHashSet<>(newestFirst(heard));
    all.addAll(newestFirst(told));
    all.addAll(newestFirst(found));
    all.addAll(own);
    all.addAll(newestFirst(claimed));
    List<RelayUrl> asked = new ArrayList<>(all);
    return asked.size() > most ? asked.subList(0, most) : asked;
  }

  private static List<RelayUrl> newestFirst(Collection<RelayUrl> urls) {
    List<RelayUrl> turned = new ArrayList<>();
    urls.forEach(url -> turned.add(0, url));
    return turned;
  }
}
