package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.warren.testlab.ManualClock;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1_000_000_000);
  private final long start = clock.nanoTime();

  /** Reads as fast as is allowed and returns the seconds until the last piece is read. */
  private double secondsToRead(RateLimit limit, long bytes, int piece) {
    long pause = 0;
    for (long rest = bytes; rest > 0; rest -= piece) {
      clock.advance(Duration.ofNanos(pause));
      pause = limit.read((int) Math.min(rest, piece), clock.nanoTime());
    }
    return (clock.nanoTime() - start) / 1e9;
  }

  @Test
  void takesAsLongAsTheCheckValueOfTheSpec() {
    double seconds = secondsToRead(new RateLimit(12_345, 1_234, start), 10 << 20, 4096);
    assertThat(seconds).isEqualTo(849.4, within(1e-9));
    assertThat((10 << 20) / seconds).isEqualTo(12_344.9, within(0.05));
  }

  @ParameterizedTest
  @CsvSource({"10, 1, 1000, 7", "1000, 100, 100000, 4096", "1000000, 4000000, 50000000, 65536"})
  void lastsAsLongAsTheRateSays(long rate, long burst, long bytes, int piece) {
    double seconds = secondsToRead(new RateLimit(rate, burst, start), bytes, piece);
    long beforeTheLast = (bytes - 1) / piece * piece;
    double least = (beforeTheLast - burst) / (double) rate;
    // The bucket is filled in steps, and must be more than empty.
    assertThat(seconds).isBetween(least - 1e-9, least + 0.2 + 1e-9);
  }

  @Test
  void readsOnUntilTheBucketIsEmpty() {
    RateLimit limit = new RateLimit(1000, 500, start);
    assertThat(limit.read(499, start)).isZero();
    assertThat(limit.read(1, start)).isEqualTo(100_000_000);
  }

  @Test
  void pausesForAsManyPeriodsAsTheOverdraftNeeds() {
    RateLimit limit = new RateLimit(1000, 500, start);
    assertThat(limit.read(500 + 99, start)).isEqualTo(100_000_000);
    limit.change(1000, 500, start);
    assertThat(limit.read(500 + 100, start)).isEqualTo(200_000_000);
  }

  @Test
  void countsThePauseFromTheLastRefill() {
    RateLimit limit = new RateLimit(1000, 500, start);
    assertThat(limit.read(500, start + 30_000_000)).isEqualTo(70_000_000);
  }

  @Test
  void takesOffWhatIsReadDuringAPause() {
    RateLimit limit = new RateLimit(1000, 500, start);
    limit.read(500, start);
    assertThat(limit.read(200, start + 1)).isEqualTo(300_000_000 - 1);
  }

  @Test
  void savesNoMoreThanTheBurst() {
    RateLimit limit = new RateLimit(1000, 500, start);
    limit.read(400, start);
    long muchLater = start + Duration.ofDays(10_000).toNanos();
    assertThat(limit.read(499, muchLater)).isZero();
    assertThat(limit.read(1, muchLater)).isPositive();
  }

  @Test
  void aChangeFillsTheBucketAndEndsThePause() {
    RateLimit limit = new RateLimit(1000, 500, start);
    assertThat(limit.read(100_000, start)).isGreaterThan(90_000_000_000L);
    limit.change(2000, 700, start);
    assertThat(limit.read(699, start)).isZero();
    assertThat(limit.read(1, start)).isEqualTo(100_000_000);
  }

  @Test
  void noLimitNeverPauses() {
    RateLimit limit = new RateLimit(0, 0, start);
    assertThat(limit.isLimited()).isFalse();
    assertThat(limit.read(Integer.MAX_VALUE, start)).isZero();
    limit.change(1000, 1, start);
    assertThat(limit.read(1, start)).isPositive();
  }

  @Test
  void aClockThatStepsBackAnHourCostsNobodyAnHour() {
    RateLimit limit = new RateLimit(1000, 500, start);
    assertThat(limit.read(500, start - Duration.ofHours(1).toNanos())).isEqualTo(100_000_000);
  }

  @Test
  void aRateThatNeverRefillsIsRefused() {
    assertThatThrownBy(() -> new RateLimit(9, 1, 0)).hasMessageContaining("never refills");
    assertThatThrownBy(() -> new RateLimit(10, 0, 0)).hasMessageContaining("never refills");
  }

  @Property(tries = 200)
  void neverLetsMoreThroughThanRateAndBurst(
      @ForAll @LongRange(min = 10, max = 1_000_000_000) long rate,
      @ForAll @LongRange(min = 1, max = 1_000_000_000) long burst,
      @ForAll @IntRange(min = 1, max = 1 << 20) int piece) {
    ManualClock time = new ManualClock();
    RateLimit limit = new RateLimit(rate, burst, 0);
    long before = 0;
    for (int i = 0; i < 100; i++) {
      long pause = limit.read(piece, time.nanoTime());
      double granted = burst + rate * (time.nanoTime() / 1e9);
      assertThat((double) before).isLessThanOrEqualTo(granted + 1e-6);
      before += piece;
      time.advance(Duration.ofNanos(pause));
    }
  }
}
