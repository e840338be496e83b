package dev.warren.discovery.local.logic;

/**
 * One address family on one interface.
 *
 * @param index the interface's, which is also the zone of its link-local addresses
 */
public record Link(int index, Family family) {
  /** Stands for what DNS-SD tells, on whatever link. */
  static final Link DNS_SD = new Link(-1, Family.IPV4);

  public enum Family {
    IPV4,
    IPV6
  }
}
