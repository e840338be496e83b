package dev.warren.discovery.local.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("trouble")
class InflowTest {
  @Test
  void aThousandAreReadInASecond() {
    Inflow inflow = new Inflow(0);
    for (int i = 0; i < Inflow.PER_SECOND; i++) {
      assertThat(inflow.take(i)).isTrue();
    }
    assertThat(inflow.take(999_999_999)).isFalse();
    assertThat(inflow.take(1_000_000_000)).isTrue();
  }
}
