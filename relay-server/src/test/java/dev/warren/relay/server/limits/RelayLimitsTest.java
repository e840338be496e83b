package dev.warren.relay.server.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RelayLimitsTest {
  private static Arguments bad(String named, UnaryOperator<RelayLimits.Builder> change) {
    return Arguments.of(named, change);
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        bad("bytesPerSecond is 0 (no limit) or at least 10, not 9", b -> b.bytesPerSecond(9)),
        bad("bytesPerSecond is 0 (no limit) or at least 10, not -1", b -> b.bytesPerSecond(-1)),
        bad("burstBytes needs bytesPerSecond", b -> b.burstBytes(1)),
        bad("burstBytes is not negative: -1", b -> b.bytesPerSecond(10).burstBytes(-1)),
        bad("clients is not negative", b -> b.clients(-1)),
        bad("clientsPerAddress is not negative", b -> b.clientsPerAddress(-1)),
        bad("connectionsPerId is not negative", b -> b.connectionsPerId(-1)),
        bad("connectsPerIdPerSecond is not negative", b -> b.connectsPerIdPerSecond(-1)),
        bad("acceptsPerSecond is between 0", b -> b.acceptsPerSecond(Double.NaN)),
        bad("acceptsPerSecond is between 0", b -> b.acceptsPerSecond(-0.5)),
        bad("acceptBurst needs acceptsPerSecond", b -> b.acceptBurst(3)),
        bad("handshakes is not negative", b -> b.handshakes(-1)),
        bad("handshakesPerAddress is not negative", b -> b.handshakesPerAddress(-1)),
        bad("establishTime is more than 0", b -> b.establishTime(Duration.ZERO)),
        bad("handshakeTime is more than 0", b -> b.handshakeTime(Duration.ofHours(2))),
        bad("queueFrames is at least 1, not 0", b -> b.queueFrames(0)),
        bad("queueBytes is at least 65546", b -> b.queueBytes(65_545)),
        bad("keyCache is not negative", b -> b.keyCache(-1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badValues")
  void aValueOutOfItsRangeIsNamed(String message, UnaryOperator<RelayLimits.Builder> change) {
    assertThatThrownBy(() -> change.apply(RelayLimits.builder()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aBurstThatIsNotSetIsATenthOfTheRate() {
    assertThat(RelayLimits.builder().bytesPerSecond(12_345).build().effectiveBurstBytes())
        .isEqualTo(1_234);
  }

  @Test
  void aBuilderStartsFromWhatItIsMadeOf() {
    RelayLimits limits =
        RelayLimits.builder()
            .bytesPerSecond(1000)
            .burstBytes(7)
            .clients(1)
            .clientsPerAddress(2)
            .connectionsPerId(3)
            .connectsPerIdPerSecond(4)
            .acceptsPerSecond(5)
            .acceptBurst(6)
            .handshakes(8)
            .handshakesPerAddress(9)
            .establishTime(Duration.ofSeconds(10))
            .handshakeTime(Duration.ofSeconds(11))
            .queueFrames(12)
            .queueBytes(100_000)
            .keyCache(13)
            .build();
    assertThat(limits.toBuilder().build()).isEqualTo(limits);
    assertThat(limits.toBuilder().clients(0).build().clientsPerAddress()).isEqualTo(2);
  }
}
