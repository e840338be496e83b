package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a socket says of its home relay. */
class HomeRelayTest {
  @Test
  void whoHearsThatTheRelayIsConnectedFindsItInTheAddress() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    RelayUrl url = RelayUrl.parse("http://127.0.0.1:" + port + "/");
    // Its callbacks run at once, on the thread that sets the status.
    try (SocketPair pair = new SocketPair("127.0.0.1:0", url)) {
      List<Optional<RelayUrl>> told = new CopyOnWriteArrayList<>();
      pair.server
          .homeRelay()
          .onChange(
              status -> {
                if (status instanceof RelayStatus.Connected) {
                  told.add(pair.server.addr().get().relay());
                }
              });
      try (RelayServer relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:" + port))) {
        Await.until("the relay", Duration.ofSeconds(10), () -> !told.isEmpty());
      }
      assertThat(told.get(0)).contains(url);
    }
  }
}
