package dev.warren.discovery.dht.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.testlab.ManualClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final DhtId TARGET = DhtId.random(new Random(1));

  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 1000);
  private final Tokens tokens = new Tokens(new Random(2), clock.nanoTime());
  private final InetAddress here = ip(1);

  private static InetAddress ip(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {51, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private boolean accepts(byte[] token) {
    return tokens.accepts(token, here, TARGET, clock.nanoTime());
  }

  @Test
  void aTokenIsGoodForFiveMinutesAtLeastAndTenAtMost() {
    clock.advance(Duration.ofMinutes(4));
    byte[] token = tokens.issue(here, TARGET, clock.nanoTime());
    assertThat(accepts(token)).isTrue();
    clock.advance(Duration.ofMinutes(5));
    assertThat(accepts(token)).isTrue();
    clock.advance(Duration.ofMinutes(5));
    assertThat(accepts(token)).isFalse();
  }

  @Test
  void afterALongSilenceNoOldTokenIsGood() {
    byte[] token = tokens.issue(here, TARGET, clock.nanoTime());
    clock.advance(Duration.ofMinutes(11));
    assertThat(accepts(token)).isFalse();
  }

  @Test
  void aTokenIsNoGoodElsewhereOrForAnotherTarget() {
    byte[] token = tokens.issue(here, TARGET, clock.nanoTime());
    assertThat(tokens.accepts(token, ip(2), TARGET, clock.nanoTime())).isFalse();
    DhtId other = DhtId.random(new Random(3));
    assertThat(tokens.accepts(token, here, other, clock.nanoTime())).isFalse();
    assertThat(accepts(new byte[0])).isFalse();
    assertThat(accepts(new byte[Tokens.LENGTH])).isFalse();
  }
}
