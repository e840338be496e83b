package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class PacketClockTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00.000001Z");

  private final PacketClock packets =
      new PacketClock(
          new Clock() {
            @Override
            public Instant instant() {
              return now;
            }

            @Override
            public ZoneId getZone() {
              throw new UnsupportedOperationException();
            }

            @Override
            public Clock withZone(ZoneId zone) {
              throw new UnsupportedOperationException();
            }
          });

  @Test
  void timestampsAreMicrosecondsAndIncreaseThoughTheClockStandsOrStepsBack() {
    long first = packets.next();
    assertThat(first).isEqualTo(now.getEpochSecond() * 1_000_000 + 1);
    assertThat(packets.next()).isEqualTo(first + 1);
    now = now.minusSeconds(3600);
    assertThat(packets.next()).isEqualTo(first + 2);
    now = now.plusSeconds(7200);
    assertThat(packets.next()).isEqualTo(first + 3_600_000_000L);
  }

  @Test
  void aPacketFromTheFutureIsFollowedAndOtherKeysAreNotDrawnAlong() {
    long future = packets.next() + 1_000_000_000_000L;
    assertThat(packets.after(future)).isEqualTo(future + 1);
    assertThat(packets.next()).isLessThan(future);
  }

  @Test
  void nothingFollowsTheLastTimestamp() {
    assertThatThrownBy(() -> packets.after(PacketClock.LAST))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("another key");
    assertThatThrownBy(() -> packets.after(-1)).isInstanceOf(ArithmeticException.class);
  }
}
