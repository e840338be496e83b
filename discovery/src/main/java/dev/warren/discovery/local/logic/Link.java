package dev.warren.discovery.local.logic;

/**
 * One address family on one interface.
 *
 * @param index the interface's, which is also the zone of its link-local addresses
 */
public record Link(int index, Family family) {
  public enum Family {
    IPV4,
    IPV6
  }
}
