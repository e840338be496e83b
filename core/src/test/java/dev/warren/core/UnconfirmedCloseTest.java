package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing while the other side has not confirmed the handshake. */
class UnconfirmedCloseTest {
  private static final int DIALS = 8;

  /** What the dialler says of its handshake is lost, so it goes on saying it. */
  @Test
  @Timeout(120)
  void aCloseBeforeTheHandshakeIsConfirmedComesToAnEnd() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < DIALS; i++) {
      try (Pair pair = Pair.bind();
          UdpProxy proxy = new UdpProxy(pair.server.boundSockets().get(0))) {
        proxy.losingHandshake();
        NodeAddr behind = NodeAddr.of(pair.server.id()).withIp(proxy.address());
        Connection connection = pair.client.connect(behind, Pair.ALPN);
        SendStream out = connection.openUniAsync().get(5, TimeUnit.SECONDS);
        for (int n = random.nextInt(40); n > 0; n--) {
          out.writeAsync(ByteBuffer.allocate(1 + random.nextInt(5000)));
          LockSupport.parkNanos(random.nextInt(20_000_000));
        }
        connection.close(3, "early");
        assertThat(connection.closed().get(10, TimeUnit.SECONDS)).as("seed " + seed).isNotNull();
      }
    }
  }

  /** The close may wait until it can be sent. */
  @Test
  void noStreamIsOpenedBehindAClose() throws Exception {
    try (Pair pair = Pair.bind()) {
      for (int i = 0; i < 20; i++) {
        Connection connection = pair.dial();
        connection.close(3, "no more");
        assertThatThrownBy(connection::openUni).isInstanceOf(PeerException.class);
      }
    }
  }
}
