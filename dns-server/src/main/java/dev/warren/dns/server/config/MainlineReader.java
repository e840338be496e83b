package dev.warren.dns.server.config;

import static dev.warren.dns.server.config.DnsKey.MAINLINE_BOOTSTRAP;
import static dev.warren.dns.server.config.DnsKey.MAINLINE_ENABLED;

import dev.warren.discovery.dht.DhtDiscovery;
import dev.warren.serving.config.ConfigReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code [mainline]}: whoever switches it on asks for the public DHT, or names another.
 */
record MainlineReader(ConfigReader reader) {
  Optional<List<String>> read() {
    List<String> hosts = new ArrayList<>();
    for (ConfigReader.Located host : reader.texts(MAINLINE_BOOTSTRAP).orElse(List.of())) {
      if (isHostAndPort(host.text())) {
        hosts.add(host.text());
      } else {
        reader.problem(
            host.line(),
            MAINLINE_BOOTSTRAP.path() + " has \"host:port\", not \"" + host.text() + '"');
      }
    }
    if (!reader.bool(MAINLINE_ENABLED).orElse(false)) {
      return Optional.empty();
    }
    return Optional.of(reader.has(MAINLINE_BOOTSTRAP) ? hosts : DhtDiscovery.PUBLIC_BOOTSTRAP);
  }

  private static boolean isHostAndPort(String text) {
    int colon = text.lastIndexOf(':');
    return colon > 0
        && text.substring(colon + 1).matches("[0-9]{1,5}")
        && Integer.parseInt(text.substring(colon + 1)) <= 65_535;
  }
}
