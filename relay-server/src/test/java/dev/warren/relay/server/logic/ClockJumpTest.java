package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.relay.server.limits.RelayLimits;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The relay's clock does not jump: it is monotonic, and nothing that is decided looks at the time
 * of day. And if it did jump, nobody would be shut out for longer than for one step.
 */
@Tag("attack")
class ClockJumpTest {
  private static final NodeId ID = SecretKey.generate().nodeId();

  private static long jump(String by) {
    return Duration.parse(by).toNanos();
  }

  @ParameterizedTest
  @ValueSource(strings = {"P365D", "PT1H", "PT-1H", "P-365D", "P-100000D"})
  void noJumpOfTheClockHoldsAClientBackForLong(String by) {
    RateLimit limit = new RateLimit(1000, 100, 0);
    limit.read(500, 0);
    assertThat(limit.read(1, jump(by))).isLessThan(1_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"P365D", "PT1H", "PT-1H", "P-365D", "P-100000D"})
  void noJumpOfTheClockShutsAnIdOut(String by) {
    IdRates rates = new IdRates(1);
    while (rates.take(ID, 0)) {
      // until it has had its share
    }
    rates.take(ID, jump(by));
    assertThat(rates.take(ID, jump(by) + 5_000_000_000L)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"P365D", "PT1H", "PT-1H", "P-365D", "P-100000D"})
  void noJumpOfTheClockShutsTheDoor(String by) {
    Admission admission =
        new Admission(RelayLimits.builder().acceptsPerSecond(1).acceptBurst(1).build(), 0);
    InetAddress address = InetAddress.getLoopbackAddress();
    assertThat(admission.accepted(address, false, 0, () -> {})).isNotNull();
    admission.accepted(address, false, jump(by), () -> {});
    assertThat(admission.accepted(address, false, jump(by) + 2_000_000_000L, () -> {})).isNotNull();
  }
}
