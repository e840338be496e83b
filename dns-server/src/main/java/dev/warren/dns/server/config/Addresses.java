package dev.warren.dns.server.config;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.config.ConfigKey;
import dev.warren.serving.config.ConfigReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalLong;

/** Addresses that the field writes as an IP and a port of their own. */
record Addresses(ConfigReader reader) {
  private static final String ANY = "0.0.0.0";

  /** Empty without the table, and if there is something wrong with it, which is told. */
  Optional<InetSocketAddress> ofTable(String table, ConfigKey address, ConfigKey port) {
    if (!reader.hasTable(table)) {
      return Optional.empty();
    }
    OptionalLong number = reader.integer(port);
    if (!reader.has(port)) {
      reader.problem(reader.lineOfTable(table), "[" + table + "] needs " + port.path());
    }
    Optional<InetAddress> ip =
        reader.has(address) ? ip(address) : Optional.of(SocketAddrs.parse(ANY + ":0").getAddress());
    return number.isEmpty() || ip.isEmpty()
        ? Optional.empty()
        : Optional.of(new InetSocketAddress(ip.get(), (int) number.getAsLong()));
  }

  /** An IP address; nothing is looked up. */
  Optional<InetAddress> ip(ConfigKey key) {
    return reader
        .text(key)
        .flatMap(
            text -> {
              try {
                return Optional.of(
                    SocketAddrs.parse((text.indexOf(':') < 0 ? text : "[" + text + "]") + ":0")
                        .getAddress());
              } catch (IllegalArgumentException e) {
                reader.problem(key, "is an IP address, not \"" + text + '"');
                return Optional.empty();
              }
            });
  }
}
