package dev.warren.dns.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PutRatesTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final PutRates rates = new PutRates();
  private long now = -3 * SECOND;

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private long take(String source) {
    return rates.take(ip(source), now);
  }

  @Test
  void twoAtOnceAndThenOneEachFourSeconds() {
    assertThat(take("192.0.2.1")).isZero();
    assertThat(take("192.0.2.1")).isZero();
    assertThat(take("192.0.2.1")).isEqualTo(4 * SECOND);
    now += SECOND;
    assertThat(take("192.0.2.1")).as("asking costs nothing").isEqualTo(3 * SECOND);
    now += 3 * SECOND;
    assertThat(take("192.0.2.1")).isZero();
    assertThat(take("192.0.2.1")).isEqualTo(4 * SECOND);
    now += 8 * SECOND;
    assertThat(take("192.0.2.1")).isZero();
    assertThat(take("192.0.2.1")).isZero();
    assertThat(take("192.0.2.1")).isPositive();
  }

  @Test
  void addressesCountForThemselvesAndThoseOfOneSubscriberTogether() {
    for (int i = 0; i < 3; i++) {
      take("192.0.2.1");
      take("2001:db8::" + i);
    }
    assertThat(take("192.0.2.2")).isZero();
    assertThat(take("2001:db8::ffff")).isPositive();
    assertThat(take("2001:db8:0:1::1")).isZero();
  }

  @Test
  void theIdleAreForgottenAndTheTableIsBounded() {
    for (int i = 0; i < PutRates.MOST + 100; i++) {
      take("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
    }
    assertThat(rates.addresses()).isLessThanOrEqualTo(PutRates.MOST);
    now += 60 * SECOND;
    for (int i = 0; i < PutRates.MOST; i++) {
      take("192.0.2.1");
    }
    assertThat(rates.addresses()).isEqualTo(1);
  }
}
