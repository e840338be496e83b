package dev.warren.testlab.nat;

import java.time.Duration;

/**
 * What a router does to the packets that pass it.
 *
 * @param translates false for a router of public addresses, whose mapping is of no account
 * @param hairpin whether a host behind it reaches another by the outside address
 * @param lifetime how long a UDP mapping lives without traffic
 * @param udp whether UDP passes at all; if not, TCP does, to ports 80 and 443 only
 */
public record NatKind(
    String name,
    boolean translates,
    Mapping mapping,
    Filtering filtering,
    boolean hairpin,
    Duration lifetime,
    boolean udp) {

  /** Linux forgets an established UDP mapping after two minutes. */
  private static final Duration LIFETIME = Duration.ofSeconds(120);

  /** A stateful firewall before public addresses. */
  public static final NatKind FIREWALL =
      new NatKind(
          "public-fw",
          false,
          Mapping.ENDPOINT_INDEPENDENT,
          Filtering.ADDRESS_AND_PORT_DEPENDENT,
          false,
          LIFETIME,
          true);

  public static final NatKind FULL_CONE =
      nat("full-cone", Mapping.ENDPOINT_INDEPENDENT, Filtering.ENDPOINT_INDEPENDENT);
  public static final NatKind RESTRICTED_CONE =
      nat("restricted-cone", Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_DEPENDENT);

  /** The usual home router. */
  public static final NatKind PORT_RESTRICTED =
      nat("port-restricted", Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT);

  public static final NatKind SYMMETRIC =
      nat("symmetric", Mapping.ADDRESS_AND_PORT_DEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT);
  public static final NatKind SYMMETRIC_SEQUENTIAL =
      nat("symmetric-sequential", Mapping.SEQUENTIAL, Filtering.ADDRESS_AND_PORT_DEPENDENT);
  public static final NatKind ADDRESS_SYMMETRIC =
      nat("address-symmetric", Mapping.ADDRESS_DEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT);

  /** A carrier's (RFC 6888): ports not kept, anybody let in. */
  public static final NatKind CARRIER =
      nat("carrier", Mapping.ENDPOINT_INDEPENDENT_RANDOM, Filtering.ENDPOINT_INDEPENDENT);

  /** An office that lets only the web through. */
  public static final NatKind UDP_BLOCKED = PORT_RESTRICTED.named("udp-blocked").blockingUdp();

  /** A NAT without hairpin, with the lifetime of Linux. */
  public static NatKind nat(String name, Mapping mapping, Filtering filtering) {
    return new NatKind(name, true, mapping, filtering, false, LIFETIME, true);
  }

  public NatKind named(String other) {
    return new NatKind(other, translates, mapping, filtering, hairpin, lifetime, udp);
  }

  public NatKind withHairpin() {
    return new NatKind(name, translates, mapping, filtering, true, lifetime, udp);
  }

  public NatKind withLifetime(Duration other) {
    return new NatKind(name, translates, mapping, filtering, hairpin, other, udp);
  }

  public NatKind blockingUdp() {
    return new NatKind(name, translates, mapping, filtering, hairpin, lifetime, false);
  }

  @Override
  public String toString() {
    return name + (hairpin ? "+hairpin" : "");
  }
}
