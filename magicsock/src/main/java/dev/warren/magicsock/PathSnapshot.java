package dev.warren.magicsock;

import dev.warren.base.TransportAddr;
import java.time.Duration;
import java.time.Instant;
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
 */
public record PathSnapshot(
    @Nullable TransportAddr remote,
    boolean confirmed,
    Duration rtt,
    Instant since,
    long bytesSent,
    long bytesReceived,
    String why) {}
