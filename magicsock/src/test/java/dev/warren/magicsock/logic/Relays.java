package dev.warren.magicsock.logic;

import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;

/** Relays by number. */
final class Relays {
  private Relays() {}

  static RelayUrl url(int n) {
    try {
      return RelayUrl.parse("https://d" + n + ".example/");
    } catch (RelayUrlParseException e) {
      throw new AssertionError(e);
    }
  }
}
