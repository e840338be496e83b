package dev.warren.cli;

import dev.warren.discovery.AddrFilter;
import picocli.CommandLine.TypeConversionException;

/** What of our addresses is published. */
enum Published {
  RELAY(AddrFilter.relayOnly()),
  DIRECT(AddrFilter.directOnly()),
  ALL(AddrFilter.everything());

  final AddrFilter filter;

  Published(AddrFilter filter) {
    this.filter = filter;
  }

  static Published parse(String text) {
    return switch (text) {
      case "relay" -> RELAY;
      case "direct" -> DIRECT;
      case "all" -> ALL;
      default -> throw new TypeConversionException("relay, direct or all, not " + text);
    };
  }
}
