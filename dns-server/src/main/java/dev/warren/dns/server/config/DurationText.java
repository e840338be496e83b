package dev.warren.dns.server.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as in {@code 7days}, {@code 100ms}, {@code 1h 30m} (dns-server section 3.1). */
final class DurationText {
  private static final Pattern PART = Pattern.compile("\\s*([0-9]{1,9})\\s*([a-zA-Z]+)\\s*");

  /** Ten years, for which no packet is kept in earnest. */
  static final Duration LONGEST = Duration.ofDays(3660);

  private DurationText() {}

  /**
   * @throws IllegalArgumentException if it is none, or longer than ten years
   */
  static Duration parse(String text) {
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int at = 0;
    while (at < text.length() && part.find(at) && part.start() == at) {
      sum = sum.plus(unit(part.group(2)).multipliedBy(Long.parseLong(part.group(1))));
      at = part.end();
    }
    if (at == 0 || at < text.length() || sum.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is no duration of at most ten years, as in 7days, 100ms or 1h 30m");
    }
    return sum;
  }

  private static Duration unit(String name) {
    return switch (name) {
      case "nsec", "ns" -> Duration.ofNanos(1);
      case "usec", "us" -> Duration.ofNanos(1000);
      case "msec", "ms" -> Duration.ofMillis(1);
      case "seconds", "second", "secs", "sec", "s" -> Duration.ofSeconds(1);
      case "minutes", "minute", "mins", "min", "m" -> Duration.ofMinutes(1);
      case "hours", "hour", "hrs", "hr", "h" -> Duration.ofHours(1);
      case "days", "day", "d" -> Duration.ofDays(1);
      case "weeks", "week", "w" -> Duration.ofDays(7);
      default -> throw new IllegalArgumentException("'" + name + "' is no unit of time");
    };
  }
}
