package dev.warren.magicsock;

import dev.warren.base.RelayUrl;
import dev.warren.base.TransportAddr;
import dev.warren.magicsock.logic.Sources;
import dev.warren.magicsock.logic.UdpPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Shows the socket loop's path state to other threads. Stateless; socket loop only. */
final class PathSnapshots {
  private PathSnapshots() {}

  static PathSnapshot of(UdpPath path) {
    return new PathSnapshot(
        new TransportAddr.Ip(path.address),
        path.proven(),
        Duration.ofNanos(path.rtt()),
        instant(path.since()),
        path.sent(),
        path.received(),
        "",
        sources(path.sources()),
        heard(path.lastHeard()));
  }

  /** The relay path of a peer that has one. */
  static PathSnapshot ofRelay(Peer peer, RelayUrl relay, boolean directEnabled) {
    return new PathSnapshot(
        new TransportAddr.Relay(relay),
        peer.relayReceived > 0,
        Duration.ofNanos(peer.table.relay().rtt()),
        instant(peer.table.relay().since()),
        peer.relaySent,
        peer.relayReceived,
        whyNotDirect(peer, directEnabled),
        sources(peer.table.relay().toldBy(relay)),
        heard(peer.table.relay().lastHeard()));
  }

  /** A relay at which the peer may be too. */
  static PathSnapshot ofOtherRelay(Peer peer, RelayUrl relay) {
    return new PathSnapshot(
        new TransportAddr.Relay(relay),
        false,
        Duration.ZERO,
        Instant.now(),
        0,
        0,
        "",
        sources(peer.table.relay().toldBy(relay)),
        Optional.empty());
  }

  private static List<PathSnapshot.Source> sources(List<Sources.Told> told) {
    return told.stream()
        .map(t -> new PathSnapshot.Source(t.provenance(), instant(t.at())))
        .toList();
  }

  private static Optional<Instant> heard(long nanos) {
    return nanos == UdpPath.NEVER ? Optional.empty() : Optional.of(instant(nanos));
  }

  static PathSnapshot none() {
    return new PathSnapshot(
        null,
        false,
        Duration.ZERO,
        Instant.now(),
        0,
        0,
        "no path is known",
        List.of(),
        Optional.empty());
  }

  private static String whyNotDirect(Peer peer, boolean directEnabled) {
    if (!directEnabled) {
      return "direct paths are switched off here";
    }
    UdpPath best = peer.table.best();
    if (best != null && peer.table.diverted(System.nanoTime())) {
      return "the direct path to "
          + best.address
          + " carries datagrams of "
          + best.mtu()
          + " bytes only";
    }
    return peer.table.paths().isEmpty()
        ? "the peer has told no direct address"
        : "no direct address has answered yet";
  }

  private static Instant instant(long nanos) {
    return nanos == UdpPath.NEVER
        ? Instant.now()
        : Instant.now().minusNanos(System.nanoTime() - nanos);
  }
}
