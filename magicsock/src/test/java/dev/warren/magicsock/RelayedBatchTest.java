package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.relay.client.RelayClient;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches of a peer that come by a relay. */
class RelayedBatchTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private RelayServer relay;
  private SocketPair pair;
  private RelayClient sender;

  @BeforeEach
  void connect() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    pair = new SocketPair("127.0.0.1:0", relay.url());
    sender = RelayClient.builder(relay.url(), SecretKey.generate(), pair.clientLoop).start();
    Await.until(
        "both",
        SOON,
        () ->
            sender.isConnected() && pair.server.homeRelay().get() instanceof RelayStatus.Connected);
  }

  @AfterEach
  void close() {
    sender.close();
    pair.close();
    relay.close();
  }

  private void send(int bytes, int segmentSize) {
    pair.clientLoop.execute(
        () -> {
          sender.send(pair.server.id(), SocketPair.quic(bytes), segmentSize);
          sender.flush();
        });
  }

  @Test
  void aBatchIsCut() {
    send(250, 100);
    Await.until("three datagrams", SOON, () -> pair.atServer.size() == 3);
    assertThat(pair.atServer).extracting(SocketPair.Arrived::size).containsExactly(100, 100, 50);
  }

  @Test
  void aBatchOfPiecesSmallerThanAnyPacketIsDroppedWhole() {
    send(20_000, 1);
    send(20_000, RelayLinks.SHORTEST - 1);
    send(RelayLinks.SHORTEST - 1, 0);
    send(100, 0);
    Await.until("what follows", SOON, () -> !pair.atServer.isEmpty());
    assertThat(pair.atServer).extracting(SocketPair.Arrived::size).containsExactly(100);
    assertThat(pair.server.metrics().get(Counter.RECV_TOO_SHORT)).isPositive();
  }
}
