package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.core.io.ConnectionCounts;
import dev.warren.core.io.TlsContexts;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Resumed TLS sessions: nobody asks the trust manager, and the identity must hold all the same. */
class ResumptionTest {
  private static Map<Object, Object> verified(Endpoint endpoint) throws Exception {
    Field tls = Endpoint.class.getDeclaredField("tls");
    tls.setAccessible(true);
    return ConnectionCounts.verified((TlsContexts) tls.get(endpoint));
  }

  /** The ticket comes a little after the handshake: a stream there and back is later still. */
  private static void exchange(Pair.Link link) throws Exception {
    BiStream stream = link.dialler().openBi();
    stream.send().write(new byte[1]);
    stream.send().finish();
    BiStream other = link.acceptor().acceptBi();
    other.recv().readAll(1);
    other.send().write(new byte[1]);
    other.send().finish();
    assertThat(stream.recv().readAll(1)).hasSize(1);
  }

  @Test
  void aSecondDialIsResumedAndBothSidesStillKnowWhoTheOtherIs() throws Exception {
    try (Pair pair = Pair.bind()) {
      for (int dial = 0; dial < 3; dial++) {
        Pair.Link link = pair.link();
        assertThat(ConnectionCounts.resumed(link.dialler().quic())).isEqualTo(dial > 0);
        assertThat(ConnectionCounts.resumed(link.acceptor().quic())).isEqualTo(dial > 0);
        assertThat(link.dialler().remoteId()).isEqualTo(pair.server.id());
        assertThat(link.acceptor().remoteId()).isEqualTo(pair.client.id());
        exchange(link);
        link.dialler().close();
      }
    }
  }

  @Test
  void withoutResumptionEachDialIsAFullHandshake() throws Exception {
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().resumption(false))) {
      for (int dial = 0; dial < 2; dial++) {
        Pair.Link link = pair.link();
        assertThat(ConnectionCounts.resumed(link.dialler().quic())).isFalse();
        exchange(link);
        link.dialler().close();
      }
    }
  }

  /**
   * The client is made to believe once that the server's certificate proves another node, so that a
   * session of the server's is kept under that name. The next dial resumes it, unseen by the trust
   * manager: only the check of the connection's own session is left.
   */
  @Test
  void anotherNodeThatAnswersWithAResumedSessionIsRefused() throws Exception {
    try (Pair pair = Pair.bind()) {
      pair.dial().close();
      Map<Object, Object> checked = verified(pair.client);
      assertThat(checked).hasSize(1);
      NodeAddr other =
          NodeAddr.of(SecretKey.generate().nodeId()).withIps(pair.server.addr().direct());
      checked.replaceAll((certificate, id) -> other.id());
      pair.server.accept().orElseThrow().accept().close();
      Pair.Link deceived =
          new Pair.Link(
              pair.client.connect(other, Pair.ALPN), pair.server.accept().orElseThrow().accept());
      exchange(deceived);
      deceived.dialler().close();

      checked.clear();
      assertThatThrownBy(() -> pair.client.connect(other, Pair.ALPN))
          .isInstanceOfSatisfying(
              PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IDENTITY))
          .hasMessageContaining(other.id().toShortString())
          .hasMessageContaining(pair.server.id().toShortString());
      assertThat(pair.client.metrics().get("connections.identity_rejected"))
          .as("refused by the session's identity, not by the trust manager")
          .isOne();
      assertThat(pair.client.metrics().get("connections.opened")).isEqualTo(2);
    }
  }
}
