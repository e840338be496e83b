package dev.warren.core.logic;

import java.time.Duration;

/**
 * The QUIC transport parameters and limits of an endpoint, already validated. Immutable.
 *
 * @param idleTimeout silence after which a connection is given up; the smaller of both ends counts
 * @param maxBidiStreams bidirectional streams that the peer may have open at once
 * @param maxUniStreams unidirectional streams that the peer may have open at once
 * @param streamWindow initial receive window of a stream in bytes (quiche grows it to 16 MiB)
 * @param connectionWindow initial receive window of a connection in bytes (grows to 24 MiB)
 * @param maxUdpPayload largest UDP payload that we send, bytes
 * @param discoverMtu search for the path MTU between 1200 and {@code maxUdpPayload}
 * @param congestion congestion controller
 * @param datagramQueue application datagrams queued for sending and for receiving, each
 * @param sendBuffer bytes of one stream that may wait for flow control before {@code write} blocks
 * @param readAhead bytes of one stream that are read before the application asks
 * @param acceptBacklog accepted connections that may wait for {@code accept()}
 */
public record QuicSettings(
    Duration idleTimeout,
    long maxBidiStreams,
    long maxUniStreams,
    long streamWindow,
    long connectionWindow,
    int maxUdpPayload,
    boolean discoverMtu,
    Congestion congestion,
    int datagramQueue,
    int sendBuffer,
    int readAhead,
    int acceptBacklog) {

  /** Congestion controllers that quiche offers. */
  public enum Congestion {
    RENO,
    CUBIC,
    BBR
  }
}
