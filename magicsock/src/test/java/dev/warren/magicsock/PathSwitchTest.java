package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two magic sockets, a relay, and between them a wire that can be cut or made narrow. */
class PathSwitchTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private RelayServer relay;
  private SocketPair pair;
  private Wire wire;
  private Peer peer;

  /**
   * Forwards between a client on IPv4 and a server on IPv6 what its width allows; without it
   * neither can reach the other, whatever addresses they tell.
   */
  private static final class Wire implements AutoCloseable {
    private final DatagramSocket clientSide = new DatagramSocket(0, ip("127.0.0.1"));
    private final DatagramSocket serverSide = new DatagramSocket(0, ip("::1"));
    private volatile int width = 2048;

    Wire(InetSocketAddress server, InetSocketAddress client) throws IOException {
      start(clientSide, serverSide, server);
      start(serverSide, clientSide, client);
    }

    private static InetAddress ip(String text) throws IOException {
      return InetAddress.getByName(text);
    }

    private void start(DatagramSocket from, DatagramSocket via, InetSocketAddress to) {
      Thread thread = new Thread(() -> forward(from, via, to), "wire");
      thread.setDaemon(true);
      thread.start();
    }

    InetSocketAddress address() {
      return (InetSocketAddress) clientSide.getLocalSocketAddress();
    }

    private void forward(DatagramSocket from, DatagramSocket via, InetSocketAddress to) {
      try {
        for (; ; ) {
          DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
          from.receive(packet);
          packet.setSocketAddress(to);
          if (packet.getLength() <= width) {
            via.send(packet);
          }
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    @Override
    public void close() {
      clientSide.close();
      serverSide.close();
    }
  }

  @BeforeEach
  void bind() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    RelayUrl url = relay.url();
    assumeTrue(ipv6(), "no IPv6 on loopback");
    pair = new SocketPair("[::1]:0", url);
    for (MagicSocket socket : new MagicSocket[] {pair.server, pair.client}) {
      Await.until(
          "the relay", SOON, () -> socket.homeRelay().get() instanceof RelayStatus.Connected);
    }
    wire = new Wire(pair.server.boundSockets().get(0), pair.client.boundSockets().get(0));
    pair.client.addAddr(
        NodeAddr.of(pair.server.id()).withRelay(url).withIp(wire.address()), "test");
    peer = pair.client.peer(pair.server.id());
    peer.retain();
  }

  @AfterEach
  void close() {
    if (wire != null) {
      wire.close();
    }
    if (pair != null) {
      pair.close();
    }
    relay.close();
  }

  private static boolean ipv6() {
    try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getByName("::1"))) {
      return true;
    } catch (IOException none) {
      return false;
    }
  }

  /** Sends until something is so: a path is only watched while it is used. */
  private void sendUntil(String what, Duration limit, int size, BooleanSupplier so) {
    long[] next = {System.nanoTime()};
    Await.until(
        what,
        limit,
        () -> {
          if (System.nanoTime() - next[0] >= 0) {
            next[0] = System.nanoTime() + 20_000_000;
            SocketPair.send(peer, size);
          }
          return so.getAsBoolean();
        });
  }

  private boolean overWire() {
    return peer.path().remote() instanceof TransportAddr.Ip ip
        && ip.address().equals(wire.address());
  }

  private boolean overRelay() {
    return peer.path().remote() instanceof TransportAddr.Relay;
  }

  @Test
  void aWireThatIsCutIsLeftForTheRelayAndTakenAgainWhenItIsMended() {
    peer.dialStarted();
    sendUntil("the wire", SOON, 1200, this::overWire);
    wire.width = 0;
    sendUntil("the relay", Duration.ofSeconds(6), 1200, this::overRelay);
    int before = pair.atServer.size();
    sendUntil("arrival by relay", SOON, 1200, () -> pair.atServer.size() > before + 5);
    wire.width = 2048;
    sendUntil("the wire again", SOON, 1200, this::overWire);
  }

  @Test
  void aWireThatBecomesNarrowIsLeftForTheRelayWithLargeDatagrams() {
    wire.width = 1252;
    peer.dialStarted();
    for (int i = 0; i < 20; i++) {
      SocketPair.send(peer, 1452);
    }
    sendUntil(
        "the relay because of the size",
        SOON,
        1452,
        () -> overRelay() && peer.path().why().contains("1252 bytes only"));
    int before = pair.atServer.size();
    sendUntil("large datagrams", SOON, 1452, () -> pair.atServer.size() > before + 5);
  }

  @Test
  void theRoundTripOverTheRelayIsMeasuredAndShown() {
    wire.width = 0;
    peer.dialStarted();
    sendUntil(
        "a round trip",
        SOON,
        100,
        () ->
            peer.paths().stream()
                .anyMatch(p -> p.remote() instanceof TransportAddr.Relay && !p.rtt().isZero()));
    assertThat(pair.client.metrics().get(Counter.SENT_DISCO_PING)).isPositive();
  }
}
