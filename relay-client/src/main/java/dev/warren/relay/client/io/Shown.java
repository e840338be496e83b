package dev.warren.relay.client.io;

/** Words of a stranger, fit for a message: one line of bounded length. Stateless. */
final class Shown {
  /** Our choice: enough for any status line and any reason worth reading. */
  private static final int MAX = 200;

  private Shown() {}

  static String line(String text) {
    String cut = text.length() > MAX ? text.substring(0, MAX) + "…" : text;
    return cut.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", "?");
  }
}
