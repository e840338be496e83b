package dev.warren.discovery;

import dev.warren.base.TransportAddr;
import java.util.List;

/**
 * Chooses and orders what is published: the first are kept where there is not room for all. A pure
 * function, called from any thread.
 */
@FunctionalInterface
public interface AddrFilter {
  List<TransportAddr> apply(List<TransportAddr> addrs);

  /** Everything. */
  static AddrFilter everything() {
    return addrs -> addrs;
  }

  /** Relays: the default towards the world, which need not know where we live. */
  static AddrFilter relayOnly() {
    return addrs -> addrs.stream().filter(TransportAddr.Relay.class::isInstance).toList();
  }

  /** All but relays: the default on the local network. */
  static AddrFilter directOnly() {
    return addrs -> addrs.stream().filter(a -> !(a instanceof TransportAddr.Relay)).toList();
  }

  /** What {@code data} looks like behind this filter. */
  default EndpointData apply(EndpointData data) {
    return new EndpointData(apply(data.addrs()), data.userData());
  }
}
