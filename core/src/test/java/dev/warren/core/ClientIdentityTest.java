package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.CloseReason;
import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.SecretKey;
import dev.warren.core.ForeignQuic.Credentials;
import dev.warren.core.io.ConnectionCounts;
import dev.warren.testlab.Await;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With TLS 1.3 a client is connected before the server has looked at its certificate. */
class ClientIdentityTest {
  /** What the dialling application sees, and how soon; the server sees none of its bytes. */
  @Test
  void aServerThatRefusesOurIdentityEndsTheConnectionARoundTripLaterAndGetsNoByte()
      throws Exception {
    SecretKey key = SecretKey.generate();
    try (ForeignQuic server = ForeignQuic.server(Credentials.of(key, false), ForeignQuic.NOBODY);
        Endpoint client = Pair.builder().bind()) {
      NodeAddr addr = NodeAddr.of(key.nodeId()).withIp(server.address());
      Connection connection = client.connect(addr, Pair.ALPN);
      SendStream stream = connection.openUni();
      stream.write(new byte[100]);
      stream.finish();
      CloseReason reason = connection.closed().get(10, TimeUnit.SECONDS);
      assertThat(reason).isInstanceOf(CloseReason.TransportError.class);
      assertThat(reason.code()).as("a TLS alert").isBetween(0x100L, 0x1ffL);
      assertThat(reason.by()).isEqualTo("error");
      assertThat(reason.describe()).contains("TLS").contains("identity");
      assertThat(stream.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
      assertThatThrownBy(connection::acceptBi)
          .isInstanceOf(PeerException.class)
          .hasMessageContaining("identity");
      assertThat(server.delivered).hasValue(0);
    }
  }

  /** Neither hook nor handler nor accept() hears of a client that proves nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"a broken certificate", "no certificate"})
  void aClientThatProvesNothingIsNeverShownToTheApplication(String shown) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    EndpointHooks hooks =
        new EndpointHooks() {
          @Override
          public Verdict afterHandshake(ConnectionInfo connection) {
            asked.incrementAndGet();
            return Verdict.accept();
          }
        };
    Credentials credentials =
        shown.startsWith("a") ? Credentials.of(SecretKey.generate(), true) : null;
    try (Pair pair = Pair.bind(Pair.builder().shards(1).hooks(hooks), Pair.builder());
        ForeignQuic stranger = ForeignQuic.client(credentials)) {
      Pair.Link good = pair.link();
      CompletableFuture<Optional<Incoming>> accepting = pair.server.acceptAsync();
      for (int i = 0; i < 5; i++) {
        stranger.tryToDial(pair.server.boundSockets().get(0));
      }
      Await.until(
          "only the good connection is left",
          Duration.ofSeconds(15),
          () -> ConnectionCounts.ofShard(good.acceptor().quic()) == 1);
      assertThat(accepting).isNotDone();
      assertThat(asked).as("only the good one").hasValue(1);
      assertThat(pair.server.metrics().get("connections.opened")).isOne();
      accepting.cancel(true);
    }
  }
}
