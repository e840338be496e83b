package dev.warren.serving.logic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineRateTest {
  private static final long SECOND = 1_000_000_000;

  private final LineRate rate = new LineRate(100, -5);

  private int written(int lines, long nanos) {
    int written = 0;
    for (int i = 0; i < lines; i++) {
      written += rate.mayWrite(nanos) ? 1 : 0;
    }
    return written;
  }

  @Test
  void whoConnectsInALoopFillsNoDiskAndWhatIsLeftOutIsCounted() {
    assertThat(written(1000, 0)).isEqualTo(100);
    assertThat(rate.takeLeftOut()).isEqualTo(900);
    assertThat(rate.takeLeftOut()).isZero();
  }

  @Test
  void theNextSecondHasItsOwnLines() {
    assertThat(written(200, 0)).isEqualTo(100);
    assertThat(written(200, SECOND)).isEqualTo(100);
    assertThat(written(200, SECOND + SECOND / 2)).isZero();
  }
}
