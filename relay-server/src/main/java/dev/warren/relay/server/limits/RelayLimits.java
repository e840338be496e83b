package dev.warren.relay.server.limits;

import java.time.Duration;

/**
 * What a relay grants its clients, one by one and all together. Immutable. Where 0 is allowed, it
 * means that there is no limit.
 *
 * @param bytesPerSecond what one client may send, WebSocket headers and all, after the upgrade: 0,
 *     or at least 10, since the bucket is filled ten times a second (relay-server section 9).
 *     Beyond it the relay reads no faster; nothing is dropped. Default 0
 * @param burstBytes what a client may send at once after a rest; 0 stands for a tenth of {@code
 *     bytesPerSecond}. Default 0
 * @param clients connections that are let in, all together. Default 0
 * @param clientsPerAddress connections that are let in from one IPv4 address or one IPv6 /64.
 *     Default 0
 * @param connectionsPerId connections that may be open at once with one id. A client that moves
 *     needs 2, and one that flaps leaves some behind until their pings fail. Default 16
 * @param connectsPerIdPerSecond how often the same id may connect; four times as much at once.
 *     Default 8
 * @param acceptsPerSecond TCP connections that are accepted. Default 0
 * @param acceptBurst of these at once; 0 stands for {@code acceptsPerSecond}, at least 1. Default 0
 * @param handshakes connections that are being established at once: when there is one more, the
 *     oldest of them is cut. Default 16,384
 * @param handshakesPerAddress as {@code handshakes}, from one IPv4 address or one IPv6 /64. Trusted
 *     proxies are not counted. Default 8,192
 * @param establishTime from TCP accept to the upgrade, TLS included. Default 30 s
 * @param handshakeTime from the upgrade until the client is let in, access control included.
 *     Default 10 s
 * @param queueFrames frames that may wait for a client; more are dropped. Default 512
 * @param queueBytes bytes that these may have together. Default 4 MiB
 * @param keyCache ids of which the relay remembers that they are valid, over all connections; 0 for
 *     none. Default 1,048,576
 */
public record RelayLimits(
    long bytesPerSecond,
    long burstBytes,
    int clients,
    int clientsPerAddress,
    int connectionsPerId,
    int connectsPerIdPerSecond,
    double acceptsPerSecond,
    int acceptBurst,
    int handshakes,
    int handshakesPerAddress,
    Duration establishTime,
    Duration handshakeTime,
    int queueFrames,
    long queueBytes,
    int keyCache) {

  /** Refills of the bucket in a second: fewer bytes than this would never refill it. */
  private static final int REFILLS_PER_SECOND = 10;

  private static final RelayLimits DEFAULTS = builder().build();

  /**
   * @throws IllegalArgumentException if a value is out of its range; the message names it
   */
  public RelayLimits {
    check(
        bytesPerSecond == 0 || bytesPerSecond >= REFILLS_PER_SECOND,
        "bytesPerSecond is 0 (no limit) or at least 10, not " + bytesPerSecond);
    notNegative("burstBytes", burstBytes);
    check(
        burstBytes == 0 || bytesPerSecond > 0,
        "burstBytes needs bytesPerSecond, which is not set: " + burstBytes);
    notNegative("clients", clients);
    notNegative("clientsPerAddress", clientsPerAddress);
    notNegative("connectionsPerId", connectionsPerId);
    notNegative("connectsPerIdPerSecond", connectsPerIdPerSecond);
    check(
        acceptsPerSecond >= 0 && acceptsPerSecond <= 1e9,
        "acceptsPerSecond is between 0 (no limit) and 1e9, not " + acceptsPerSecond);
    notNegative("acceptBurst", acceptBurst);
    check(
        acceptBurst == 0 || acceptsPerSecond > 0,
        "acceptBurst needs acceptsPerSecond, which is not set: " + acceptBurst);
    notNegative("handshakes", handshakes);
    notNegative("handshakesPerAddress", handshakesPerAddress);
    time("establishTime", establishTime);
    time("handshakeTime", handshakeTime);
    check(queueFrames >= 1, "queueFrames is at least 1, not " + queueFrames);
    check(
        queueBytes >= 65_536 + 10,
        "queueBytes is at least 65546, one frame of the largest size, not " + queueBytes);
    notNegative("keyCache", keyCache);
  }

  private static void notNegative(String name, long value) {
    check(value >= 0, name + " is not negative: " + value);
  }

  private static void time(String name, Duration value) {
    check(
        !value.isNegative() && !value.isZero() && value.compareTo(Duration.ofHours(1)) <= 0,
        name + " is more than 0 and at most an hour, not " + value);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  public static RelayLimits defaults() {
    return DEFAULTS;
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts from these limits. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The burst that holds: {@code burstBytes}, or the tenth that its 0 stands for. */
  public long effectiveBurstBytes() {
    return burstBytes == 0 ? bytesPerSecond / REFILLS_PER_SECOND : burstBytes;
  }

  /** Collects limits; each method is named and explained as the part of the record it sets. */
  public static final class Builder {
    private long bytesPerSecond = 0;
    private long burstBytes = 0;
    private int clients = 0;
    private int clientsPerAddress = 0;
    private int connectionsPerId = 16;
    private int connectsPerIdPerSecond = 8;
    private double acceptsPerSecond = 0;
    private int acceptBurst = 0;
    private int handshakes = 16_384;
    private int handshakesPerAddress = 8_192;
    private Duration establishTime = Duration.ofSeconds(30);
    private Duration handshakeTime = Duration.ofSeconds(10);
    private int queueFrames = 512;
    private long queueBytes = 4 << 20;
    private int keyCache = 1 << 20;

    private Builder() {}

    private Builder(RelayLimits from) {
      bytesPerSecond = from.bytesPerSecond;
      burstBytes = from.burstBytes;
      clients = from.clients;
      clientsPerAddress = from.clientsPerAddress;
      connectionsPerId = from.connectionsPerId;
      connectsPerIdPerSecond = from.connectsPerIdPerSecond;
      acceptsPerSecond = from.acceptsPerSecond;
      acceptBurst = from.acceptBurst;
      handshakes = from.handshakes;
      handshakesPerAddress = from.handshakesPerAddress;
      establishTime = from.establishTime;
      handshakeTime = from.handshakeTime;
      queueFrames = from.queueFrames;
      queueBytes = from.queueBytes;
      keyCache = from.keyCache;
    }

    public Builder bytesPerSecond(long value) {
      bytesPerSecond = value;
      return this;
    }

    public Builder burstBytes(long value) {
      burstBytes = value;
      return this;
    }

    public Builder clients(int value) {
      clients = value;
      return this;
    }

    public Builder clientsPerAddress(int value) {
      clientsPerAddress = value;
      return this;
    }

    public Builder connectionsPerId(int value) {
      connectionsPerId = value;
      return this;
    }

    public Builder connectsPerIdPerSecond(int value) {
      connectsPerIdPerSecond = value;
      return this;
    }

    public Builder acceptsPerSecond(double value) {
      acceptsPerSecond = value;
      return this;
    }

    public Builder acceptBurst(int value) {
      acceptBurst = value;
      return this;
    }

    public Builder handshakes(int value) {
      handshakes = value;
      return this;
    }

    public Builder handshakesPerAddress(int value) {
      handshakesPerAddress = value;
      return this;
    }

    public Builder establishTime(Duration value) {
      establishTime = value;
      return this;
    }

    public Builder handshakeTime(Duration value) {
      handshakeTime = value;
      return this;
    }

    public Builder queueFrames(int value) {
      queueFrames = value;
      return this;
    }

    public Builder queueBytes(long value) {
      queueBytes = value;
      return this;
    }

    public Builder keyCache(int value) {
      keyCache = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException if a value is out of its range; the message names it
     */
    public RelayLimits build() {
      return new RelayLimits(
          bytesPerSecond,
          burstBytes,
          clients,
          clientsPerAddress,
          connectionsPerId,
          connectsPerIdPerSecond,
          acceptsPerSecond,
          acceptBurst,
          handshakes,
          handshakesPerAddress,
          establishTime,
          handshakeTime,
          queueFrames,
          queueBytes,
          keyCache);
    }
  }
}
