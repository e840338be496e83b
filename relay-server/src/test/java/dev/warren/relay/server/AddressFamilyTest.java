package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.operation.MetricsListener;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** All IPv4 addresses are not all addresses. */
class AddressFamilyTest {
  private static final String V4 = "127.0.0.1";
  private static final String V6 = "::1";

  @BeforeAll
  static void needsIpv6() {
    boolean there;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(V6))) {
      there = probe.isBound();
    } catch (IOException e) {
      there = false;
    }
    assumeTrue(there, "this machine has no IPv6 on loopback");
  }

  private static void connect(String host, InetSocketAddress listener) throws IOException {
    new Socket(host, listener.getPort()).close();
  }

  @Test
  void aRelayOnAllIpv4AddressesIsNotReachedByIpv6() throws Exception {
    try (RelayServer relay =
        RelayServer.builder()
            .stun(SocketAddrs.parse("0.0.0.0:0"))
            .bind(SocketAddrs.parse("0.0.0.0:0"))) {
      assertThat(SocketAddrs.toString(relay.boundAddress())).startsWith("0.0.0.0:");
      connect(V4, relay.boundAddress());
      assertThatThrownBy(() -> connect(V6, relay.boundAddress())).isInstanceOf(IOException.class);
      InetSocketAddress stun = relay.stunAddress().orElseThrow();
      assertThat(SocketAddrs.toString(stun)).startsWith("0.0.0.0:");
      // Whoever else wants that port of IPv6 may have it.
      new DatagramSocket(new InetSocketAddress(InetAddress.getByName(V6), stun.getPort())).close();
    }
  }

  @Test
  void norAreItsMetrics() throws Exception {
    try (MetricsListener metrics = new MetricsListener(SocketAddrs.parse("0.0.0.0:0"), Map::of)) {
      connect(V4, metrics.address());
      assertThatThrownBy(() -> connect(V6, metrics.address())).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRelayOnAllAddressesIsReachedByBoth() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(SocketAddrs.parse("[::]:0"))) {
      connect(V4, relay.boundAddress());
      connect(V6, relay.boundAddress());
    }
  }
}
