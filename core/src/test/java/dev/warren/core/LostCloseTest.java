package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.CloseReason;
import dev.warren.base.NodeAddr;
import dev.warren.testlab.Await;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The last packet of a connection can be lost as any other; the peer must hear of the end. */
class LostCloseTest {
  @Test
  void aPeerThatGoesOnAfterALostCloseIsToldAgain() throws Exception {
    try (Pair pair = Pair.bind();
        UdpProxy proxy = new UdpProxy(pair.server.boundSockets().get(0))) {
      NodeAddr behind = NodeAddr.of(pair.server.id()).withIp(proxy.address());
      Connection client = pair.client.connect(behind, Pair.ALPN);
      Connection server = pair.server.accept().orElseThrow().accept();
      try (BiStream stream = client.openBi()) {
        stream.send().write(new byte[] {1});
        BiStream accepted = server.acceptBi();
        assertThat(accepted.recv().read(new byte[1])).isEqualTo(1);
        proxy.losing(true);
        client.close(7, "good night");
        Await.until("closed here", Pair.SOON, () -> client.closed().isDone());
        proxy.losing(false);
        accepted.send().write(new byte[] {2});
        CloseReason reason = server.closed().get(10, TimeUnit.SECONDS);
        assertThat(reason).isInstanceOf(CloseReason.ByPeer.class);
        assertThat(((CloseReason.ByPeer) reason).code()).isEqualTo(7);
      }
    }
  }
}
