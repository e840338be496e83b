package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What strangers send must not hurt those who speak properly. */
class GarbageTest {
  private static final Alpn PING = Alpn.of("ping/1");
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final byte[] DISCO = {
    0x54, 0x53, (byte) 0xf0, (byte) 0x9f, (byte) 0x92, (byte) 0xac
  };

  @Test
  void garbageOnTheUdpSocketIsDroppedAndGetsNoLargerAnswer() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Endpoint server = Endpoint.builder().bindAddr(LOOPBACK).alpns(PING).bind();
        Endpoint client = Endpoint.builder().bindAddr(LOOPBACK).bind();
        DatagramSocket stranger = new DatagramSocket()) {
      InetSocketAddress target = server.boundSockets().get(0);
      long sent = 0;
      for (int i = 0; i < 5000; i++) {
        byte[] datagram = new byte[random.nextInt(1400)];
        random.nextBytes(datagram);
        if (i % 3 == 0) {
          System.arraycopy(DISCO, 0, datagram, 0, Math.min(DISCO.length, datagram.length));
        } else if (i % 3 == 1 && datagram.length > 0) {
          datagram[0] |= (byte) 0xc0;
        }
        stranger.send(new DatagramPacket(datagram, datagram.length, target));
        sent += datagram.length;
      }
      try (Connection connection = client.connect(server.addr(), PING)) {
        assertThat(connection.remoteId()).as("seed " + seed).isEqualTo(server.id());
      }
      stranger.setSoTimeout(50);
      long received = 0;
      byte[] buffer = new byte[2048];
      try {
        for (; ; ) {
          DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
          stranger.receive(answer);
          received += answer.getLength();
        }
      } catch (java.net.SocketTimeoutException noMore) {
        assertThat(received).isLessThanOrEqualTo(sent);
      }
    }
  }

  @Test
  void garbageOnTheRelayEndsOnlyItsOwnConnection() throws Exception {
    Random random = new Random(3);
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        Endpoint server =
            Endpoint.builder().directEnabled(false).relay(relay.url()).alpns(PING).bind();
        Endpoint client = Endpoint.builder().directEnabled(false).relay(relay.url()).bind()) {
      server.awaitOnline(java.time.Duration.ofSeconds(10));
      client.awaitOnline(java.time.Duration.ofSeconds(10));
      for (int i = 0; i < 50; i++) {
        try (Socket stranger = new Socket()) {
          stranger.connect(relay.boundAddress());
          if (i % 2 == 0) {
            stranger
                .getOutputStream()
                .write(
                    ("GET /relay HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: iroh-relay-v2\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            byte[] head = new byte[512];
            assertThat(stranger.getInputStream().read(head)).isPositive();
          }
          byte[] garbage = new byte[random.nextInt(4000) + 1];
          random.nextBytes(garbage);
          stranger.getOutputStream().write(garbage);
        }
      }
      try (Connection connection = client.connect(server.addr(), PING)) {
        assertThat(connection.path().type()).isEqualTo(PathInfo.Type.RELAY);
      }
    }
  }
}
