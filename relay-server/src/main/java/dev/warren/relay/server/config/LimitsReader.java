package dev.warren.relay.server.config;

import static dev.warren.relay.server.config.RelayKey.LIMITS_ACCEPT_CONN_BURST;
import static dev.warren.relay.server.config.RelayKey.LIMITS_ACCEPT_CONN_LIMIT;
import static dev.warren.relay.server.config.RelayKey.LIMITS_CLIENT_RX_BYTES_PER_SECOND;
import static dev.warren.relay.server.config.RelayKey.LIMITS_CLIENT_RX_MAX_BURST_BYTES;

import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.config.ConfigKey;
import dev.warren.serving.config.ConfigReader;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** The table {@code [limits]}, and the size of the key cache; what is absent is the default. */
final class LimitsReader {
  private final ConfigReader reader;

  LimitsReader(ConfigReader reader) {
    this.reader = reader;
  }

  /** Of values that are wrong, the default takes the place. */
  RelayLimits read() {
    needs(LIMITS_CLIENT_RX_MAX_BURST_BYTES, LIMITS_CLIENT_RX_BYTES_PER_SECOND);
    needs(LIMITS_ACCEPT_CONN_BURST, LIMITS_ACCEPT_CONN_LIMIT);
    RelayLimits.Builder limits = RelayLimits.builder();
    reader.integer(LIMITS_CLIENT_RX_BYTES_PER_SECOND).ifPresent(limits::bytesPerSecond);
    reader.number(LIMITS_ACCEPT_CONN_LIMIT).ifPresent(limits::acceptsPerSecond);
    if (reader.isRight(LIMITS_CLIENT_RX_BYTES_PER_SECOND)) {
      reader.integer(LIMITS_CLIENT_RX_MAX_BURST_BYTES).ifPresent(limits::burstBytes);
    }
    if (reader.isRight(LIMITS_ACCEPT_CONN_LIMIT)) {
      count(LIMITS_ACCEPT_CONN_BURST, limits::acceptBurst);
    }
    count(RelayKey.LIMITS_CLIENTS, limits::clients);
    count(RelayKey.LIMITS_CLIENTS_PER_ADDRESS, limits::clientsPerAddress);
    count(RelayKey.LIMITS_CONNECTIONS_PER_ID, limits::connectionsPerId);
    count(RelayKey.LIMITS_CONNECTS_PER_ID_PER_SECOND, limits::connectsPerIdPerSecond);
    count(RelayKey.LIMITS_HANDSHAKES, limits::handshakes);
    count(RelayKey.LIMITS_HANDSHAKES_PER_ADDRESS, limits::handshakesPerAddress);
    seconds(RelayKey.LIMITS_ESTABLISH_SECONDS, limits::establishTime);
    seconds(RelayKey.LIMITS_HANDSHAKE_SECONDS, limits::handshakeTime);
    count(RelayKey.LIMITS_CLIENT_QUEUE_FRAMES, limits::queueFrames);
    reader.integer(RelayKey.LIMITS_CLIENT_QUEUE_BYTES).ifPresent(limits::queueBytes);
    count(RelayKey.KEY_CACHE_CAPACITY, limits::keyCache);
    return limits.build();
  }

  private void needs(ConfigKey key, ConfigKey other) {
    if (reader.has(key) && !reader.has(other)) {
      reader.problem(key, "is of no use without " + other.path());
    }
  }

  /** The bounds of these keys are within an int. */
  private void count(ConfigKey key, IntConsumer set) {
    reader.integer(key).ifPresent(value -> set.accept((int) value));
  }

  private void seconds(ConfigKey key, Consumer<Duration> set) {
    reader.integer(key).ifPresent(value -> set.accept(Duration.ofSeconds(value)));
  }
}
