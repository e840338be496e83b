package dev.warren.serving.config;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The known key that somebody probably meant. Stateless. */
final class NearestKey {
  /** What a key in the wrong table costs beside its own typing mistakes. */
  private static final int MISPLACED = 1;

  /** Nobody mistypes more; bounds the work. */
  private static final int LONGEST = 128;

  private NearestKey() {}

  /** The known key or table with the smallest distance to a dotted path. */
  static String to(String path, List<? extends ConfigKey> keys) {
    String typed = path.length() > LONGEST ? path.substring(0, LONGEST) : path;
    Stream<String> paths = keys.stream().map(ConfigKey::path);
    return Stream.concat(paths, tables(keys))
        .min(Comparator.comparingInt(known -> distance(typed, known)))
        .orElseThrow();
  }

  private static Stream<String> tables(List<? extends ConfigKey> keys) {
    return keys.stream()
        .map(ConfigKey::segments)
        .filter(s -> s.size() > 1)
        .map(s -> s.get(0))
        .distinct();
  }

  private static int distance(String typed, String known) {
    int whole = edits(typed, known);
    int misplaced = edits(last(typed), last(known)) + MISPLACED;
    return Math.min(whole, misplaced);
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Insertions, deletions, replacements and swaps of neighbours from one text to the other. */
  static int edits(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 ? j : j == 0 ? i : cheapest(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int cheapest(int[][] cost, String a, String b, int i, int j) {
    int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
