package dev.warren.core;

import dev.warren.base.NodeId;
import dev.warren.base.TransportAddr;
import dev.warren.magicsock.PathSnapshot;
import dev.warren.magicsock.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an endpoint knows of another node's whereabouts at one moment. Immutable.
 *
 * @param addrs every address that is remembered, the one in use first
 */
public record RemoteInfo(NodeId id, List<Address> addrs) {

  /**
   * One of them.
   *
   * @param sources who named it, the first to do so first
   * @param rtt of the last probe that was answered
   * @param lastUsed when something of the node last came from there
   */
  public record Address(
      TransportAddr addr,
      State state,
      List<Source> sources,
      Optional<Duration> rtt,
      Optional<Instant> lastUsed) {}

  /**
   * Who named an address, and when last.
   *
   * @param provenance "application", "call-me-maybe" for the node itself by a relay, "probe" and
   *     "datagram" for an address that wrote to us, else the name of a discovery service
   */
  public record Source(String provenance, Instant told) {
    /** How long ago it was last named. */
    public Duration age() {
      return Duration.between(told, Instant.now());
    }
  }

  /** How an address stands. */
  public enum State {
    /** Traffic goes there. */
    IN_USE,
    /** It has answered. */
    CONFIRMED,
    /** It is known, and has not answered, or was not asked. */
    UNCONFIRMED
  }

  public RemoteInfo {
    addrs = List.copyOf(addrs);
  }

  static Optional<RemoteInfo> of(Peer peer) {
    Optional<NodeId> id = peer.id();
    List<Address> addrs = new ArrayList<>();
    TransportAddr inUse = peer.path().remote();
    for (PathSnapshot path : peer.paths()) {
      address(path, inUse).ifPresent(addrs::add);
    }
    for (PathSnapshot relay : peer.otherRelays()) {
      address(relay, inUse).ifPresent(addrs::add);
    }
    return addrs.isEmpty() ? Optional.empty() : id.map(known -> new RemoteInfo(known, addrs));
  }

  private static Optional<Address> address(
      PathSnapshot path, @org.jspecify.annotations.Nullable TransportAddr inUse) {
    TransportAddr addr = path.remote();
    if (addr == null) {
      return Optional.empty();
    }
    State state =
        addr.equals(inUse) ? State.IN_USE : path.confirmed() ? State.CONFIRMED : State.UNCONFIRMED;
    List<Source> sources =
        path.sources().stream().map(s -> new Source(s.provenance(), s.told())).toList();
    return Optional.of(
        new Address(
            addr,
            state,
            sources,
            Optional.of(path.rtt()).filter(rtt -> !rtt.isZero()),
            path.lastHeard()));
  }
}
