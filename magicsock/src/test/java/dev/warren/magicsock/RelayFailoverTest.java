package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two sockets with two relays, of which one ends; one has IPv4 only, the other IPv6 only. */
class RelayFailoverTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private RelayServer first;
  private RelayServer second;
  private SocketPair pair;

  @BeforeEach
  void bind() throws Exception {
    try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getByName("::1"))) {
      assertThat(probe.isBound()).isTrue();
    } catch (java.io.IOException none) {
      Assumptions.abort("no IPv6 on loopback");
    }
    first = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    second = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    pair = new SocketPair("[::1]:0", first.url(), second.url());
    Await.until("relays", SOON, () -> homeOf(pair.server) != null && homeOf(pair.client) != null);
    if (second.url().equals(homeOf(pair.client))) {
      // Home is whichever was connected first.
      RelayServer other = first;
      first = second;
      second = other;
    }
  }

  private static RelayUrl homeOf(MagicSocket socket) {
    return socket.homeRelay().get() instanceof RelayStatus.Connected c ? c.url() : null;
  }

  @AfterEach
  void close() {
    if (pair != null) {
      pair.close();
      first.close();
      second.close();
    }
  }

  private void awaitHome(RelayUrl url) {
    for (MagicSocket socket : new MagicSocket[] {pair.server, pair.client}) {
      Await.until("home", SOON, () -> url.equals(homeOf(socket)));
    }
  }

  private static RelayUrl relayOf(Peer peer) {
    return peer.paths().stream()
        .map(PathSnapshot::remote)
        .filter(TransportAddr.Relay.class::isInstance)
        .map(r -> ((TransportAddr.Relay) r).url())
        .findFirst()
        .orElse(null);
  }

  @Test
  void aPeerThatIsHeardByAnotherRelayIsAnsweredThereOnceItsOwnIsLost() {
    Peer toServer = pair.client.peer(pair.server.id());
    pair.client.addAddr(NodeAddr.of(pair.server.id()).withRelay(first.url()), "test");
    toServer.dialStarted();
    SocketPair.send(toServer, 1200);
    Await.until("arrival by the first", SOON, () -> !pair.atServer.isEmpty());

    Peer toClient = pair.server.peer(pair.client.id());
    pair.server.addAddr(NodeAddr.of(pair.client.id()).withRelay(second.url()), "test");
    SocketPair.send(toClient, 1200);
    Await.until("arrival by the second", SOON, () -> !pair.atClient.isEmpty());
    assertThat(relayOf(toServer)).as("its relay is still there").isEqualTo(first.url());

    first.close();
    awaitHome(second.url());
    SocketPair.send(toClient, 1200);
    Await.until("arrival by the second again", SOON, () -> pair.atClient.size() > 1);
    int before = pair.atServer.size();
    SocketPair.send(toServer, 1200);
    Await.until("arrival by the second", SOON, () -> pair.atServer.size() > before);
    assertThat(relayOf(toServer)).isEqualTo(second.url());
  }

  @Test
  void aPeerOfWhomNothingIsKnownIsTriedAtTheRelayThatIsConnected() {
    Peer unknown = pair.client.peer(SecretKey.generate().nodeId());
    unknown.dialStarted();
    Await.until("the first relay", SOON, () -> first.url().equals(relayOf(unknown)));
    first.close();
    awaitHome(second.url());
    unknown.dialStarted();
    Await.until("the second relay", SOON, () -> second.url().equals(relayOf(unknown)));
  }
}
