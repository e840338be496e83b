package dev.warren.dns.server.zone;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/**
 * The domains under which keys are resolved, and the records of their own names. Immutable.
 *
 * @param names absolute, in lower case, at least one; the first that a question ends with counts
 * @param soa of every origin
 * @param a address of every origin's own name
 * @param aaaa the same for IPv6
 * @param ns name server of every origin, absolute
 */
public record Origins(
    List<Name> names,
    Soa soa,
    Optional<Inet4Address> a,
    Optional<Inet6Address> aaaa,
    Optional<Name> ns) {
  /** A name that nobody owns: what iroh's own development configuration uses. */
  public static final String DEVELOPMENT = "irohdns.example.";

  public Origins {
    names = List.copyOf(names);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a DNS server needs at least one origin");
    }
  }

  /**
   * Without records of their own but a SOA record for development.
   *
   * @param origins domain names, with or without the dot at their end
   * @throws IllegalArgumentException if there is none, or one is no domain name
   */
  public static Origins of(String... origins) {
    List<Name> names = new ArrayList<>();
    for (String origin : origins) {
      names.add(name(origin));
    }
    return new Origins(
        names, Soa.forDevelopment(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same with other parameters of its zones. */
  public Origins soa(Soa other) {
    return new Origins(names, other, a, aaaa, ns);
  }

  /**
   * An absolute name in lower case.
   *
   * @throws IllegalArgumentException if {@code text} is no domain name
   */
  public static Name name(String text) {
    try {
      return Name.fromString(text.toLowerCase(Locale.ROOT), Name.root);
    } catch (TextParseException e) {
      throw new IllegalArgumentException("'" + text + "' is no domain name: " + e.getMessage(), e);
    }
  }
}
