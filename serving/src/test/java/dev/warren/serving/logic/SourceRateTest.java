package dev.warren.serving.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SourceRateTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long START = Long.MAX_VALUE - SECOND; // a clock that wraps

  private static InetAddress ip(String text) {
    return SocketAddrs.parse(text + ":1").getAddress();
  }

  private static int allowed(SourceRate rate, InetAddress source, int asked, long now) {
    int allowed = 0;
    for (int i = 0; i < asked; i++) {
      allowed += rate.allows(source, now) ? 1 : 0;
    }
    return allowed;
  }

  @Test
  void aBurstAndThenTheRate() {
    SourceRate rate = new SourceRate(100, 200, START);
    InetAddress source = ip("192.0.2.1");
    assertThat(allowed(rate, source, 1000, START)).isEqualTo(200);
    assertThat(allowed(rate, source, 1000, START + SECOND)).isEqualTo(100);
    assertThat(allowed(rate, source, 1000, START + SECOND + SECOND / 2)).isEqualTo(50);
    assertThat(allowed(rate, source, 1000, START + 100 * SECOND)).isEqualTo(200);
  }

  @Test
  void oneSourceDoesNotUseUpAnothers() {
    SourceRate rate = new SourceRate(100, 200, START);
    allowed(rate, ip("192.0.2.1"), 1000, START);
    int others = 0;
    for (int i = 2; i < 22; i++) {
      others += allowed(rate, ip("192.0.2." + i), 1, START);
    }
    assertThat(others).isGreaterThanOrEqualTo(18); // two may share its place by chance
  }

  @Test
  void aNetworkOfIpv6CountsAsOneSource() {
    SourceRate rate = new SourceRate(100, 200, START);
    int answers = 0;
    for (int i = 0; i < 1000; i++) {
      answers += allowed(rate, ip("[2001:db8:1:2::" + Integer.toHexString(i) + "]"), 1, START);
    }
    assertThat(answers).isEqualTo(200);
  }

  @Test
  void theWholeTableIsUsed() {
    SourceRate rate = new SourceRate(1, 1, START);
    int answers = 0;
    for (int i = 0; i < 1000; i++) {
      answers += allowed(rate, ip("10.0." + i / 256 + "." + i % 256), 1, START);
    }
    assertThat(answers).isGreaterThan(960); // 992 are expected, with 65,536 places
  }
}
