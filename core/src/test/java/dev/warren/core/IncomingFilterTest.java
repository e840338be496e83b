package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.TransportAddr;
import dev.warren.core.IncomingFilter.FirstPacket;
import dev.warren.core.IncomingFilter.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What an endpoint does with first packets, as its filter says. */
class IncomingFilterTest {
  private static final ConnectOptions SHORT =
      ConnectOptions.DEFAULT.withTimeout(Duration.ofSeconds(1));

  private final List<FirstPacket> seen = new CopyOnWriteArrayList<>();

  private Pair pair(IncomingFilter filter) throws Exception {
    return Pair.bind(
        Pair.builder()
            .incomingFilter(
                packet -> {
                  seen.add(packet);
                  return filter.judge(packet);
                }),
        Pair.builder());
  }

  @Test
  void acceptSeesTheSourceOnceAndChangesNothing() throws Exception {
    try (Pair pair = pair(packet -> Verdict.ACCEPT)) {
      Pair.Link link = pair.link();
      assertThat(link.acceptor().remoteId()).isEqualTo(pair.client.id());
      TransportAddr source = new TransportAddr.Ip(pair.client.boundSockets().get(0));
      assertThat(seen).isNotEmpty();
      assertThat(seen.get(0).remote()).isEqualTo(source);
      assertThat(seen.get(0).hasToken()).isFalse();
      assertThat(pair.server.metrics().get("connections.retried")).isZero();
      assertThat(pair.server.metrics().get("connections.refused")).isZero();
      assertThat(pair.server.metrics().get("connections.ignored")).isZero();
    }
  }

  @Test
  void retryCostsARoundTripAndIsCounted() throws Exception {
    try (Pair pair = pair(packet -> packet.hasToken() ? Verdict.ACCEPT : Verdict.RETRY)) {
      Pair.Link link = pair.link();
      assertThat(link.acceptor().remoteId()).isEqualTo(pair.client.id());
      assertThat(seen.get(0).hasToken()).isFalse();
      assertThat(seen).anyMatch(FirstPacket::hasToken);
      assertThat(pair.server.metrics().get("connections.retried")).isPositive();
    }
  }

  /** A filter need not look at the token: who has shown a good one is let in. */
  @Test
  void retryForEverybodyLetsATokenIn() throws Exception {
    try (Pair pair = pair(packet -> Verdict.RETRY)) {
      assertThat(pair.link().acceptor().remoteId()).isEqualTo(pair.client.id());
      assertThat(pair.server.metrics().get("connections.retried")).isPositive();
    }
  }

  @Test
  void aRefusedDialFailsAtOnceAndSaysSo() throws Exception {
    try (Pair pair = pair(packet -> Verdict.REFUSE)) {
      long start = System.nanoTime();
      assertThatThrownBy(pair::dial)
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
          .hasMessageContaining(pair.server.id().toShortString());
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(pair.server.metrics().get("connections.refused")).isPositive();
      assertThat(pair.server.metrics().get("connections.opened")).isZero();
    }
  }

  @Test
  void ignoredDialsTimeOut() throws Exception {
    try (Pair pair = pair(packet -> Verdict.IGNORE)) {
      assertThatThrownBy(() -> pair.client.connect(pair.server.addr(), Pair.ALPN, SHORT))
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
      assertThat(pair.server.metrics().get("connections.ignored")).isPositive();
      assertThat(pair.server.metrics().get("connections.opened")).isZero();
    }
  }

  @Test
  void aFilterThatThrowsOrKnowsNoAnswerIgnores() throws Exception {
    for (IncomingFilter broken :
        List.<IncomingFilter>of(
            packet -> {
              throw new IllegalStateException("broken filter");
            },
            packet -> null)) {
      try (Pair pair = pair(broken)) {
        assertThatThrownBy(() -> pair.client.connect(pair.server.addr(), Pair.ALPN, SHORT))
            .isInstanceOfSatisfying(
                PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
      }
    }
  }

  /** An endpoint that only dials must not leave a dialler waiting either. */
  @Test
  void anEndpointWithoutProtocolsRefusesAtOnce() throws Exception {
    try (Pair pair = Pair.bind(Pair.builder().alpns(new Alpn[0]), Pair.builder())) {
      long start = System.nanoTime();
      assertThatThrownBy(pair::dial)
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.ALPN));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void incomingCanBeRefusedAfterTheHandshakeWithACode() throws Exception {
    try (Pair pair = Pair.bind()) {
      Connection connection = pair.dial();
      Incoming incoming = pair.server.accept().orElseThrow();
      assertThat(incoming.remoteId()).isEqualTo(pair.client.id());
      assertThat(incoming.alpn()).isEqualTo(Pair.ALPN);
      incoming.refuse(17, "not today");
      assertThat(connection.awaitPeerClose(Pair.SOON))
          .contains(new CloseReason.ByPeer(17, "not today"));
    }
  }
}
