package dev.warren.discovery.logic;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * Answers that may be given again for as long as their records say. That something does not exist
 * is not remembered: a node may be publishing itself right now. Not thread-safe; the times are
 * {@link System#nanoTime()}.
 */
public final class AnswerCache {
  /** Answers that are kept, the last used. */
  static final int MAX = 256;

  /** Our choice: whatever a zone says, a node that moved is found again after five minutes. */
  static final Duration LONGEST = Duration.ofMinutes(5);

  private record Key(Name name, int type) {}

  private record Kept(List<Record> records, long until) {}

  private final Map<Key, Kept> entries =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
          return size() > MAX;
        }
      };

  /** The records, or null. */
  public @Nullable List<Record> get(Name name, int type, long now) {
    Key key = new Key(name, type);
    Kept entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (now - entry.until >= 0) {
      entries.remove(key);
      return null;
    }
    return entry.records;
  }

  /**
   * Remembers an answer for the least of its records' times; an empty one, and one of time 0, is
   * not.
   */
  public void put(Name name, int type, List<Record> records, long now) {
    long seconds = records.stream().mapToLong(Record::getTTL).min().orElse(0);
    if (seconds > 0) {
      long nanos = Math.min(Duration.ofSeconds(seconds).toNanos(), LONGEST.toNanos());
      entries.put(new Key(name, type), new Kept(List.copyOf(records), now + nanos));
    }
  }

  /** Forgets everything: another network may have other answers. */
  public void clear() {
    entries.clear();
  }
}
