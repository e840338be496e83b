package dev.warren.cli;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes as people write it: {@code 1000}, {@code 64KiB}, {@code 256M}. */
record ByteCount(long value) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,16})\\s*([KMG]?)(i?B)?");

  /** Nobody moves more in one go, and sums of it stay far from overflow. */
  private static final long MAX = 1L << 50;

  static ByteCount parse(String text) {
    Matcher m = FORM.matcher(text.strip());
    if (!m.matches()) {
      throw new TypeConversionException(
          "a number of bytes, perhaps with KiB, MiB or GiB, not " + text);
    }
    long unit =
        switch (m.group(2)) {
          case "K" -> 1L << 10;
          case "M" -> 1L << 20;
          case "G" -> 1L << 30;
          default -> 1;
        };
    long count = Long.parseLong(m.group(1));
    if (count > MAX / unit) {
      throw new TypeConversionException("more than 1 PiB: " + text);
    }
    return new ByteCount(count * unit);
  }

  /** As people read it. */
  static String shown(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    int power = Math.min(3, (63 - Long.numberOfLeadingZeros(bytes)) / 10);
    double count = bytes / (double) (1L << (10 * power));
    String unit = List.of("KiB", "MiB", "GiB").get(power - 1);
    return String.format(
        Locale.ROOT, count < 10 && count % 1 != 0 ? "%.1f %s" : "%.0f %s", count, unit);
  }
}
