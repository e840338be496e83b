package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.core.ForeignQuic.Credentials;
import dev.warren.core.log.LogRecorder;
import dev.warren.testlab.Await;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Peers come and go and strangers try their luck: the log is not for that. */
class LogNoiseTest {
  private static void assertKind(Kind kind, ThrowingCallable dial) {
    assertThatThrownBy(dial)
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static void garbage(InetSocketAddress to) throws Exception {
    Random random = new Random(17);
    try (DatagramSocket stranger = new DatagramSocket()) {
      for (int i = 0; i < 2000; i++) {
        byte[] datagram = new byte[random.nextInt(1300)];
        random.nextBytes(datagram);
        if (i % 2 == 0 && datagram.length > 0) {
          datagram[0] |= (byte) 0xc0; // a long header: QUIC's to refuse
        }
        stranger.send(new DatagramPacket(datagram, datagram.length, to));
      }
    }
  }

  @Test
  void nothingAboveDebugIsLoggedForWhatPeersAndStrangersDo() throws Exception {
    try (Pair pair = Pair.bind();
        ForeignQuic stranger = ForeignQuic.client(Credentials.of(SecretKey.generate(), true));
        LogRecorder log = LogRecorder.start()) {
      NodeAddr server = pair.server.addr();
      NodeAddr other = NodeAddr.of(SecretKey.generate().nodeId());
      ConnectOptions quick = ConnectOptions.DEFAULT.withTimeout(Duration.ofMillis(300));
      garbage(pair.server.boundSockets().get(0));
      for (int i = 0; i < 2; i++) {
        assertKind(Kind.ALPN, () -> pair.client.connect(server, Alpn.of("other/1")));
        assertKind(
            Kind.IDENTITY, () -> pair.client.connect(other.withIps(server.direct()), Pair.ALPN));
        stranger.tryToDial(pair.server.boundSockets().get(0));
      }
      NodeAddr nobody =
          NodeAddr.of(SecretKey.generate().nodeId()).withIp(SocketAddrs.parse("127.0.0.1:9"));
      assertKind(Kind.UNREACHABLE, () -> pair.client.connect(nobody, Pair.ALPN, quick));
      Pair.Link link = pair.link();
      SendStream reset = link.dialler().openUni();
      reset.write(new byte[1]);
      link.acceptor().acceptUni().stop(1);
      reset.reset(2);
      link.dialler().close(3, "enough");
      assertThat(link.acceptor().awaitPeerClose(Pair.SOON)).isPresent();
      assertThat(log.above(Level.DEBUG)).isEmpty();
    }
  }

  /** But whoever looks for a cause finds it: the codec says only there why a packet was dropped. */
  @Test
  void whatWasDroppedIsToldAtDebugAndCounted() throws Exception {
    try (Pair pair = Pair.bind();
        LogRecorder log = LogRecorder.start()) {
      garbage(pair.server.boundSockets().get(0));
      Await.until("counted", Pair.SOON, () -> pair.server.metrics().get("quic.not_quic") > 0);
      pair.dial().close();
      List<String> quic = log.of("dev.warren.core.io.QuicConnection");
      assertThat(quic).isNotEmpty();
    }
  }

  @Test
  void aHandlerThatFailsIsLoggedOncePerConnection() throws Exception {
    try (Pair pair = Pair.bind();
        LogRecorder log = LogRecorder.start();
        Router router =
            Router.builder(pair.server)
                .accept(
                    Pair.ALPN,
                    c -> {
                      throw new IllegalStateException("broken handler");
                    })
                .spawn()) {
      assertThat(pair.dial().awaitPeerClose(Pair.SOON)).isPresent();
      Await.until("logged", Pair.SOON, () -> !log.above(Level.DEBUG).isEmpty());
      assertThat(log.above(Level.DEBUG))
          .singleElement()
          .asString()
          .contains("broken handler")
          .contains(pair.client.id().toShortString())
          .contains(Pair.ALPN.toString());
    }
  }
}
