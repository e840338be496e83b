package dev.warren.magicsock.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PendingPingsTest {
  private static final InetSocketAddress X = SocketAddrs.parse("192.0.2.1:1");

  private final PendingPings<String> pings = new PendingPings<>();

  private static byte[] tx(int n) {
    return ByteBuffer.allocate(12).putInt(8, n).array();
  }

  @Test
  void aPingIsAnsweredOnce() {
    pings.sent(tx(1), "peer", X, 284, 5);
    assertThat(pings.take(tx(2))).isNull();
    assertThat(pings.take(tx(1))).isEqualTo(new PendingPings.Sent<>("peer", X, 284, 5));
    assertThat(pings.take(tx(1))).isNull();
  }

  @Test
  void ofTooManyTheOldestIsForgottenAndThatIsTold() {
    for (int i = 0; i < PendingPings.LIMIT; i++) {
      assertThat(pings.sent(tx(i), "peer", X, 284, i)).isFalse();
    }
    assertThat(pings.sent(tx(-1), "peer", X, 284, 0)).isTrue();
    assertThat(pings.size()).isEqualTo(PendingPings.LIMIT);
    assertThat(pings.take(tx(0))).isNull();
    assertThat(pings.take(tx(1))).isNotNull();
  }

  @Test
  void afterFiveSecondsNobodyWaits() {
    pings.sent(tx(1), "peer", X, 284, 0);
    pings.sent(tx(2), "peer", X, 284, 1_000_000_000L);
    pings.expire(PendingPings.LIFE + 1);
    assertThat(pings.take(tx(1))).isNull();
    assertThat(pings.take(tx(2))).isNotNull();
  }
}
