package dev.warren.magicsock;

import dev.warren.base.TransportAddr;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One path at one moment. Immutable.
 *
 * @param remote where it leads, or null if there is no path at all
 * @param confirmed whether a probe (or relayed datagram) came back over it
 * @param rtt of the last probe; zero if none came back
 * @param since when it came into use or became known
 * @param bytesSent payload bytes
 * @param bytesReceived payload bytes
 * @param why why there is no direct path, if there is none; else empty
 * @param sources who named the address, the first to do so first
 * @param lastHeard when something of the peer last came over it
 */
public record PathSnapshot(
    @Nullable TransportAddr remote,
    boolean confirmed,
    Duration rtt,
    Instant since,
    long bytesSent,
    long bytesReceived,
    String why,
    List<Source> sources,
    Optional<Instant> lastHeard) {

  /** Someone who named an address, and when last. */
  public record Source(String provenance, Instant told) {}
}
