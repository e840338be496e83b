package dev.warren.magicsock.logic;

import java.net.InetAddress;
import java.util.Set;

/**
 * What of the host's network decides how peers are reached.
 *
 * @param addresses of interfaces that are up, without loopback and link-local ones
 * @param gateways the default routes, in whatever form the system shows them; empty where it does
 *     not
 */
public record NetworkState(Set<InetAddress> addresses, Set<String> gateways) {
  /** How much of a difference two states make. */
  public enum Change {
    NONE,
    /** More ways out than before; those in use are as they were. */
    MORE,
    /** An address or a default route is gone or another: what was known of paths may be wrong. */
    MOVED
  }

  public static final NetworkState NOTHING = new NetworkState(Set.of(), Set.of());

  public NetworkState {
    addresses = Set.copyOf(addresses);
    gateways = Set.copyOf(gateways);
  }

  /** What has become of {@code before}. */
  public Change since(NetworkState before) {
    if (equals(before)) {
      return Change.NONE;
    }
    boolean kept =
        addresses.containsAll(before.addresses)
            && gateways.equals(before.gateways)
            && !before.addresses.isEmpty();
    return kept ? Change.MORE : Change.MOVED;
  }
}
