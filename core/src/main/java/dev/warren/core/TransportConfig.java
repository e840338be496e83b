package dev.warren.core;

import dev.warren.core.logic.QuicSettings;
import java.time.Duration;
import java.util.Objects;

/**
 * The QUIC side of an endpoint: windows, limits, timeouts. Immutable; {@code with…} methods give
 * changed copies. Start from {@link #internet()}.
 */
public final class TransportConfig {
  private static final TransportConfig INTERNET =
      new TransportConfig(
          new QuicSettings(
              Duration.ofSeconds(30),
              100,
              100,
              2 * 1024 * 1024,
              16 * 1024 * 1024,
              1452,
              true,
              QuicSettings.Congestion.CUBIC,
              1024,
              512 * 1024,
              512 * 1024,
              1024));

  private final QuicSettings settings;

  private TransportConfig(QuicSettings settings) {
    this.settings = settings;
  }

  /**
   * The default. Idle timeout 30 s, 100 streams of each kind from the peer (both as iroh 0.35,
   * identity-and-tls section 5.1), windows of 2 MiB a stream and 16 MiB a connection (they grow),
   * UDP payload up to 1452 bytes as far as the path allows, CUBIC.
   */
  public static TransportConfig internet() {
    return INTERNET;
  }

  /**
   * Silence after which a connection counts as dead; the smaller value of both ends holds. 1 s to
   * 10 min.
   */
  public TransportConfig withIdleTimeout(Duration timeout) {
    require(
        timeout.compareTo(Duration.ofSeconds(1)) >= 0
            && timeout.compareTo(Duration.ofMinutes(10)) <= 0,
        "idle timeout must be 1 s to 10 min");
    QuicSettings s = settings;
    return new TransportConfig(
        new QuicSettings(
            timeout,
            s.maxBidiStreams(),
            s.maxUniStreams(),
            s.streamWindow(),
            s.connectionWindow(),
            s.maxUdpPayload(),
            s.discoverMtu(),
            s.congestion(),
            s.datagramQueue(),
            s.sendBuffer(),
            s.readAhead(),
            s.acceptBacklog()));
  }

  /** Streams of each kind that a peer may have open at once: 0 to 2^20. */
  public TransportConfig withMaxStreams(long bidirectional, long unidirectional) {
    require(
        bidirectional >= 0
            && bidirectional <= 1 << 20
            && unidirectional >= 0
            && unidirectional <= 1 << 20,
        "stream limits must be 0 to 2^20");
    QuicSettings s = settings;
    return new TransportConfig(
        new QuicSettings(
            s.idleTimeout(),
            bidirectional,
            unidirectional,
            s.streamWindow(),
            s.connectionWindow(),
            s.maxUdpPayload(),
            s.discoverMtu(),
            s.congestion(),
            s.datagramQueue(),
            s.sendBuffer(),
            s.readAhead(),
            s.acceptBacklog()));
  }

  /** Congestion controller: RENO, CUBIC (default) or BBR, which keeps queues short. */
  public TransportConfig withCongestionControl(String name) {
    QuicSettings s = settings;
    return new TransportConfig(
        new QuicSettings(
            s.idleTimeout(),
            s.maxBidiStreams(),
            s.maxUniStreams(),
            s.streamWindow(),
            s.connectionWindow(),
            s.maxUdpPayload(),
            s.discoverMtu(),
            QuicSettings.Congestion.valueOf(
                Objects.requireNonNull(name).toUpperCase(java.util.Locale.ROOT)),
            s.datagramQueue(),
            s.sendBuffer(),
            s.readAhead(),
            s.acceptBacklog()));
  }

  /** Largest UDP payload that is sent, 1200 to 16384 bytes; {@code discover} searches below it. */
  public TransportConfig withMaxUdpPayload(int bytes, boolean discover) {
    require(bytes >= 1200 && bytes <= 16384, "UDP payload must be 1200 to 16384 bytes");
    QuicSettings s = settings;
    return new TransportConfig(
        new QuicSettings(
            s.idleTimeout(),
            s.maxBidiStreams(),
            s.maxUniStreams(),
            s.streamWindow(),
            s.connectionWindow(),
            bytes,
            discover,
            s.congestion(),
            s.datagramQueue(),
            s.sendBuffer(),
            s.readAhead(),
            s.acceptBacklog()));
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  QuicSettings settings() {
    return settings;
  }
}
