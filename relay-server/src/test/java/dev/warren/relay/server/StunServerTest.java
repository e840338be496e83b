package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.base.stun.StunMessage;
import dev.warren.testlab.Await;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** STUN on a real socket. */
class StunServerTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  private static RelayServer relay(InetSocketAddress stun) throws Exception {
    return RelayServer.builder().stun(stun).bind(LOOPBACK);
  }

  private static byte[] ask(DatagramSocket socket, InetSocketAddress server, byte[] request)
      throws Exception {
    socket.setSoTimeout(5000);
    socket.send(new DatagramPacket(request, request.length, server));
    DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
    socket.receive(answer);
    return Arrays.copyOf(answer.getData(), answer.getLength());
  }

  @Test
  void aClientLearnsItsAddress() throws Exception {
    byte[] transaction = new byte[12];
    ThreadLocalRandom.current().nextBytes(transaction);
    try (RelayServer relay = relay(LOOPBACK);
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK.getAddress())) {
      byte[] answer =
          ask(socket, relay.stunAddress().orElseThrow(), StunMessage.bindingRequest(transaction));
      StunMessage message = StunMessage.parse(ByteBuffer.wrap(answer));
      assertThat(answer).hasSize(32);
      assertThat(message.transaction()).isEqualTo(transaction);
      assertThat(message.mappedAddress())
          .contains(new InetSocketAddress(LOOPBACK.getAddress(), socket.getLocalPort()));
      Await.until(
          "the counters",
          Duration.ofSeconds(5),
          () -> relay.metrics().get("stun_ipv4_success") == 1);
      assertThat(relay.metrics()).containsEntry("stun_requests", 1L);
    }
  }

  /** The socket sees the client as {@code ::ffff:127.0.0.1}. */
  @Test
  void aSocketForBothFamiliesTellsIpv4ClientsAnIpv4Address() throws Exception {
    try (RelayServer relay = relay(new InetSocketAddress(InetAddress.getByName("::"), 0));
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK.getAddress())) {
      InetSocketAddress server =
          new InetSocketAddress(LOOPBACK.getAddress(), relay.stunAddress().orElseThrow().getPort());
      byte[] answer = ask(socket, server, StunMessage.bindingRequest(new byte[12]));
      assertThat(answer).hasSize(32);
      assertThat(answer[25]).isEqualTo((byte) 1); // family
    }
  }

  @Test
  void anIpv6ClientLearnsItsAddress() throws Exception {
    InetSocketAddress loopback = SocketAddrs.parse("[::1]:0");
    try (RelayServer relay = relay(loopback);
        DatagramSocket socket = new DatagramSocket(0, loopback.getAddress())) {
      byte[] answer =
          ask(socket, relay.stunAddress().orElseThrow(), StunMessage.bindingRequest(new byte[12]));
      assertThat(StunMessage.parse(ByteBuffer.wrap(answer)).mappedAddress())
          .contains(new InetSocketAddress(loopback.getAddress(), socket.getLocalPort()));
    }
  }

  @Test
  void garbageIsCountedAndNotAnswered() throws Exception {
    try (RelayServer relay = relay(LOOPBACK);
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK.getAddress())) {
      InetSocketAddress server = relay.stunAddress().orElseThrow();
      byte[] wrong =
          HexFormat.of().parseHex("000100082112a4420102030405060708090a0b0c802800045b20f9cd");
      for (byte[] garbage : new byte[][] {{}, {1}, wrong, new byte[1400], new byte[60_000]}) {
        socket.send(new DatagramPacket(garbage, garbage.length, server));
      }
      byte[] answer = ask(socket, server, StunMessage.bindingRequest(new byte[12]));
      assertThat(answer).as("the first answer is that of the last datagram").hasSize(32);
      assertThat(relay.metrics()).containsEntry("stun_bad_requests", 5L);
    }
  }

  @Test
  void aFloodIsNotReflected() throws Exception {
    try (RelayServer relay = relay(LOOPBACK);
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK.getAddress())) {
      InetSocketAddress server = relay.stunAddress().orElseThrow();
      byte[] request = StunMessage.bindingRequest(new byte[12]);
      long start = System.nanoTime();
      for (int sent = 0; sent < 100_000 && relay.metrics().get("stun_limited") == 0; sent++) {
        socket.send(new DatagramPacket(request, request.length, server));
      }
      assertThat(relay.metrics().get("stun_limited")).isPositive();
      int answers = 0;
      socket.setSoTimeout(300);
      try {
        while (answers < 100_000) {
          socket.receive(new DatagramPacket(new byte[100], 100));
          answers++;
        }
      } catch (SocketTimeoutException noMore) {
        // as it should be
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      assertThat(answers).isBetween(1, (int) (200 + 100 * seconds + 1));
    }
  }

  @Test
  void aPortThatIsTakenIsAnErrorThatNamesIt() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(0, LOOPBACK.getAddress())) {
      InetSocketAddress address =
          new InetSocketAddress(LOOPBACK.getAddress(), taken.getLocalPort());
      assertThatThrownBy(() -> relay(address))
          .isInstanceOf(EndpointBindException.class)
          .hasMessageContaining("UDP " + SocketAddrs.toString(address));
    }
  }
}
