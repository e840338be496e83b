package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.CloseReason;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes, durations and values that an application passes. */
class ArgumentsTest {
  private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();

  /** QUIC has 62 bits, the codec takes an int: a longer code would arrive as another one. */
  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 31, 1L << 32, (1L << 62) - 1, Long.MIN_VALUE})
  void applicationCodesBeyond31BitsAreRefusedEverywhere(long code) throws Exception {
    try (Pair pair = Pair.bind()) {
      Connection connection = pair.dial();
      Incoming incoming = pair.server.accept().orElseThrow();
      SendStream out = connection.openUni();
      RecvStream in = connection.openBi().recv();
      Map<String, ThrowingCallable> calls =
          Map.of(
              "Connection.close", () -> connection.close(code, "x"),
              "Incoming.refuse", () -> incoming.refuse(code, "x"),
              "SendStream.reset", () -> out.reset(code),
              "RecvStream.stop", () -> in.stop(code),
              "Verdict.reject", () -> EndpointHooks.Verdict.reject(code, "x"),
              "new Verdict.Reject", () -> new EndpointHooks.Verdict.Reject(code, "x"),
              "Router.errorCode", () -> Router.builder(pair.server).errorCode(code),
              "Endpoint.close", () -> pair.server.close(Duration.ZERO, code, "x"));
      calls.forEach(
          (name, call) ->
              assertThatThrownBy(call)
                  .as(name)
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageContaining("2^31-1"));
      assertThat(connection.closeReason()).as("nothing has happened").isEmpty();
    }
  }

  @Test
  void theLargestCodeArrives() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      link.dialler().close(Integer.MAX_VALUE, "largest");
      assertThat(link.acceptor().awaitPeerClose(Pair.SOON))
          .contains(new CloseReason.ByPeer(Integer.MAX_VALUE, "largest"));
    }
  }

  /** {@code Duration.toNanos()} throws beyond 292 years. */
  @Test
  void forEverIsALegalLimit() throws Exception {
    Pair pair = Pair.bind();
    Pair.Link link = pair.link();
    assertThat(link.dialler().openBi(FOR_EVER)).isNotNull();
    link.acceptor().close(1, "done");
    assertThat(link.dialler().awaitPeerClose(FOR_EVER)).isPresent();
    assertThat(pair.client.watchAddr().awaitUntil(a -> true, FOR_EVER)).isNotNull();
    pair.client.awaitOnline(FOR_EVER);
    pair.client.close(FOR_EVER, 0, "");
    pair.server.close(Duration.ofSeconds(Long.MIN_VALUE), 0, "");
    pair.server.closed().get(10, TimeUnit.SECONDS);
    assertThat(pair.client.closed()).isCompleted();
  }

  @Test
  void configuredDurationsAreBounded() {
    for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofDays(1), FOR_EVER}) {
      assertThatThrownBy(() -> TransportConfig.internet().withIdleTimeout(wrong))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> ConnectOptions.DEFAULT.withTimeout(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatCode(() -> ConnectOptions.DEFAULT.withTimeout(Duration.ofHours(1)))
        .doesNotThrowAnyException();
  }

  @Test
  void idsAndAddressesAreEqualByValue() throws Exception {
    SecretKey key = SecretKey.generate();
    RelayUrl relay = RelayUrl.parse("https://relay.example");
    NodeAddr one =
        NodeAddr.of(key.nodeId()).withRelay(relay).withIp(SocketAddrs.parse("192.0.2.1:1"));
    NodeAddr same = NodeTicket.parse(NodeTicket.of(one).toString()).addr();
    assertThat(same).isEqualTo(one).hasSameHashCodeAs(one).isNotSameAs(one);
    assertThat(Set.of(same.id())).contains(key.nodeId());
    assertThat(RelayUrl.parse("https://relay.example")).isEqualTo(relay).hasSameHashCodeAs(relay);
    assertThat(dev.warren.base.Alpn.of("test/1")).isEqualTo(Pair.ALPN).hasSameHashCodeAs(Pair.ALPN);
    assertThat(NodeTicket.of(same)).isEqualTo(NodeTicket.of(one));
  }

  @Test
  void connectionsAndEndpointsAreEqualByIdentity() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link one = pair.link();
      Pair.Link two = pair.link();
      assertThat(one.dialler()).isNotEqualTo(two.dialler()).isNotEqualTo(one.acceptor());
      assertThat(
              Set.of(
                  one.dialler().stableId(),
                  two.dialler().stableId(),
                  one.acceptor().stableId(),
                  two.acceptor().stableId()))
          .hasSize(4);
      SecretKey key = SecretKey.generate();
      try (Endpoint here = Pair.builder().secretKey(key).bind();
          Endpoint there = Pair.builder().secretKey(key).bind()) {
        assertThat(here).isNotEqualTo(there);
        assertThat(here.id()).isEqualTo(there.id());
      }
      assertThat(Optional.of(pair.client)).contains(pair.client);
    }
  }

  @Test
  void everyCounterHasADescription() throws Exception {
    try (Pair pair = Pair.bind()) {
      assertThat(EndpointMetrics.descriptions().keySet())
          .isEqualTo(pair.client.metrics().values().keySet());
      assertThat(EndpointMetrics.descriptions().values())
          .allSatisfy(text -> assertThat(text).isNotBlank());
    }
  }
}
