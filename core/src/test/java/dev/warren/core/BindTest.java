package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.Await;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an endpoint may be bound to, and what runs on it. */
class BindTest {
  private static void exchange(Pair pair) throws Exception {
    Pair.Link link = pair.link();
    byte[] data = new byte[3 * 1024 * 1024];
    new java.util.Random(5).nextBytes(data);
    SendStream out = link.dialler().openUni();
    Thread writer =
        new Thread(
            () -> {
              try {
                out.write(data);
                out.finish();
              } catch (java.io.IOException e) {
                out.reset(1);
              }
            });
    writer.start();
    assertThat(link.acceptor().acceptUni().readAll(data.length)).isEqualTo(data);
    writer.join();
  }

  private static long threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith(prefix))
        .count();
  }

  @Test
  void aPortInUseIsNamedAndNothingStaysBehind() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      Await.until("other endpoints have gone", Pair.SOON, () -> threads("warren-") == 0);
      for (boolean portable : new boolean[] {false, true}) {
        assertThatThrownBy(
                () ->
                    Endpoint.builder()
                        .portableSockets(portable)
                        .bindAddr((InetSocketAddress) taken.getLocalSocketAddress())
                        .bind())
            .isInstanceOfSatisfying(
                EndpointBindException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BIND))
            .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
      }
      Await.until("its threads have gone", Pair.SOON, () -> threads("warren-") == 0);
    }
  }

  @Test
  void twoAddressesOfOneFamilyAreRefused() {
    assertThatThrownBy(
            () -> Pair.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind().close())
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining("one address a family");
  }

  @Test
  void onlyIpv4IsOnlyIpv4() throws Exception {
    try (Pair pair = Pair.bind()) {
      assertThat(pair.server.boundSockets())
          .singleElement()
          .satisfies(a -> assertThat(a.getAddress()).isInstanceOf(Inet4Address.class))
          .satisfies(a -> assertThat(a.getPort()).isPositive());
      assertThat(pair.server.addr().direct()).containsExactlyElementsOf(pair.server.boundSockets());
      exchange(pair);
    }
  }

  /** Connections are spread over the loops, and their packets find them there. */
  @Test
  void connectionsOnTwoShardsWork() throws Exception {
    try (Pair pair = Pair.bind(Pair.builder().shards(2), Pair.builder().shards(2))) {
      List<Pair.Link> links = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        links.add(pair.link());
      }
      Set<Object> loops =
          links.stream()
              .flatMap(l -> java.util.stream.Stream.of(l.dialler(), l.acceptor()))
              .map(c -> c.quic().channel().eventLoop())
              .collect(Collectors.toSet());
      // The dialling side takes turns; where an accepted one goes is chance, 1 in 2^16 all alike.
      assertThat(loops).hasSizeGreaterThanOrEqualTo(3);
      for (int i = 0; i < 4; i++) {
        exchange(pair);
      }
      assertThat(pair.server.metrics().get("quic.shard_inbox_full")).isZero();
    }
  }

  @Test
  void nioSocketsTalkToThemselvesAndToTheOthers() throws Exception {
    try (Pair pair =
        Pair.bind(Pair.builder().portableSockets(true), Pair.builder().portableSockets(true))) {
      exchange(pair);
      assertThat(pair.server.metrics().get("socket.socket_errors")).isZero();
    }
    try (Pair pair = Pair.bind(Pair.builder().portableSockets(true), Pair.builder())) {
      exchange(pair);
    }
  }
}
