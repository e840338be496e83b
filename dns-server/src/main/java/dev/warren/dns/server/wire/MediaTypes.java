package dev.warren.dns.server.wire;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** What an {@code Accept} header takes (RFC 9110 section 12.5.1). Stateless. */
final class MediaTypes {
  /** Ranges that are looked at; browsers send eight. */
  private static final int MOST = 64;

  private MediaTypes() {}

  /**
   * Whether any value takes {@code type}: by its name, by {@code application/*} or by {@code
   * *}{@code /*}, and not with a quality of 0. Without a value everything is taken.
   */
  static boolean take(Collection<String> values, String type) {
    return values.isEmpty()
        || values.stream()
            .flatMap(value -> Arrays.stream(value.split(",", MOST)))
            .anyMatch(range -> takes(range, type));
  }

  private static boolean takes(String range, String type) {
    String[] parts = range.toLowerCase(Locale.ROOT).split(";");
    String name = parts[0].strip();
    String group = type.substring(0, type.indexOf('/')) + "/*";
    return (name.equals(type) || name.equals(group) || name.equals("*/*"))
        && Arrays.stream(parts).skip(1).noneMatch(p -> p.strip().matches("q=0(\\.0*)?"));
  }
}
