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
 *   <li><em>Told</em>: by a ticket, a directory, the program.
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

  private final LinkedHashSet<RelayUrl> told = new LinkedHashSet<>();
  private final LinkedHashSet<RelayUrl> heard = new LinkedHashSet<>();
  private final LinkedHashSet<RelayUrl> claimed = new LinkedHashSet<>();
  private final Map<RelayUrl, Long> left = new LinkedHashMap<>();

  void told(RelayUrl url) {
    remember(told, url);
  }

  void heard(RelayUrl url) {
    claimed.remove(url);
    remember(heard, url);
  }

  void claimed(RelayUrl url) {
    remember(claimed, url);
  }

  private void remember(LinkedHashSet<RelayUrl> urls, RelayUrl url) {
    urls.remove(url);
    urls.add(url);
    if (urls.size() > REMEMBERED) {
      urls.remove(urls.iterator().next());
    }
  }

  boolean isTold(RelayUrl url) {
    return told.contains(url);
  }

  /** What was told last. */
  Optional<RelayUrl> newestTold() {
    return Optional.ofNullable(last(told));
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
    return told.contains(url) || heard.contains(url) || claimed.contains(url);
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

  /** Where to ask, the likeliest first: heard last, told last, our own; claims come last. */
  List<RelayUrl> toAsk(List<RelayUrl> own, int most) {
    LinkedHashSet<RelayUrl> all = new LinkedHashSet<>(newestFirst(heard));
    all.addAll(newestFirst(told));
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
