package dev.warren.dns.server.config;

import static dev.warren.dns.server.config.DnsKey.DNS_A;
import static dev.warren.dns.server.config.DnsKey.DNS_AAAA;
import static dev.warren.dns.server.config.DnsKey.DNS_NS;
import static dev.warren.dns.server.config.DnsKey.DNS_ORIGINS;
import static dev.warren.dns.server.config.DnsKey.DNS_SOA;
import static dev.warren.dns.server.config.DnsKey.DNS_TTL;

import dev.warren.dns.server.zone.Origins;
import dev.warren.dns.server.zone.Soa;
import dev.warren.serving.config.ConfigKey;
import dev.warren.serving.config.ConfigReader;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.Name;

/** What the table {@code [dns]} says about zones. */
final class OriginsReader {
  private final ConfigReader reader;
  private final Addresses addresses;

  OriginsReader(ConfigReader reader, Addresses addresses) {
    this.reader = reader;
    this.addresses = addresses;
  }

  /** Those for development in the place of what is wrong or missing, which is told. */
  Origins read() {
    if (reader.has(DNS_TTL)) {
      reader.remark(DNS_TTL, "has no effect: records have the lifetimes of their packets");
    }
    List<Name> names = names();
    Origins some = Origins.of(Origins.DEVELOPMENT);
    return new Origins(
        names.isEmpty() ? some.names() : names,
        soa().orElse(some.soa()),
        address(DNS_A, Inet4Address.class, "IPv4"),
        address(DNS_AAAA, Inet6Address.class, "IPv6"),
        reader.text(DNS_NS).flatMap(text -> name(reader.line(DNS_NS), DNS_NS, text)));
  }

  private List<Name> names() {
    List<Name> names = new ArrayList<>();
    for (ConfigReader.Located text : reader.texts(DNS_ORIGINS).orElse(List.of())) {
      name(text.line(), DNS_ORIGINS, text.text()).ifPresent(names::add);
    }
    if (!reader.has(DNS_ORIGINS) || reader.texts(DNS_ORIGINS).filter(List::isEmpty).isPresent()) {
      reader.problem(
          reader.lineOfTable("dns"), "[dns] needs dns.origins: the domains to answer for");
    }
    return names;
  }

  private Optional<Name> name(int line, ConfigKey key, String text) {
    try {
      return Optional.of(Origins.name(text));
    } catch (IllegalArgumentException e) {
      reader.problem(line, key.path() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Soa> soa() {
    if (!reader.has(DNS_SOA)) {
      reader.problem(
          reader.lineOfTable("dns"),
          "[dns] needs dns.default_soa: \"mname rname serial refresh retry expire minimum\"");
    }
    try {
      return reader.text(DNS_SOA).map(Soa::parse);
    } catch (IllegalArgumentException e) {
      reader.problem(DNS_SOA, "cannot be used: " + e.getMessage());
      return Optional.empty();
    }
  }

  private <T extends InetAddress> Optional<T> address(ConfigKey key, Class<T> type, String family) {
    Optional<InetAddress> address = addresses.ip(key);
    if (address.isPresent() && !type.isInstance(address.get())) {
      reader.problem(key, "is an " + family + " address");
      return Optional.empty();
    }
    return address.map(type::cast);
  }
}
