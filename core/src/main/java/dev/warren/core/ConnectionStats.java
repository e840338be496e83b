package dev.warren.core;

import java.time.Duration;

/**
 * What QUIC knows of a connection. After a change of path, round-trip time and window lag behind:
 * QUIC does not see the change.
 *
 * @param rtt smoothed round-trip time
 * @param mtu largest UDP payload in use, bytes
 * @param congestionWindow bytes that may be in flight
 * @param packetsSent packets sent
 * @param packetsReceived packets received
 * @param packetsLost packets taken for lost
 */
public record ConnectionStats(
    Duration rtt,
    long mtu,
    long congestionWindow,
    long packetsSent,
    long packetsReceived,
    long packetsLost) {}
