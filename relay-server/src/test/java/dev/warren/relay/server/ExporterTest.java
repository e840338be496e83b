package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.wire.ExporterProof;
import dev.warren.relay.client.wire.TlsExporter;
import dev.warren.relay.server.WirePeer.Generation;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.serving.tls.ServerTls;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header that saves the challenge: relay-protocol section A5.4, on TLS and without. */
class ExporterTest {
  private static final SecretKey KEY = SecretKey.generate();

  private RelayServer relay;

  @BeforeEach
  void bind() throws Exception {
    relay =
        RelayServer.builder()
            .tls(ServerTls.selfSigned(List.of("127.0.0.1")))
            .bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  @AfterEach
  void close() {
    relay.close();
  }

  private static SSLSocket tls(RelayServer relay, String protocol) throws Exception {
    X509TrustManager anybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {anybody}, null);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket("127.0.0.1", relay.boundAddress().getPort());
    socket.setEnabledProtocols(new String[] {protocol});
    socket.startHandshake();
    return socket;
  }

  private static byte[] material(SSLSocket socket) {
    assumeTrue(TlsExporter.isAvailable(), "this JDK has no TLS exporter (25 and later do)");
    return TlsExporter.material(socket.getSession(), KEY.nodeId()).orElseThrow();
  }

  private static WirePeer upgraded(SSLSocket socket, String header) throws Exception {
    WirePeer peer = new WirePeer(socket, Generation.V2);
    String request = Generation.V2.request("/relay");
    peer.ask(
        request.substring(0, request.length() - 2)
            + ExporterProof.HEADER
            + ": "
            + header
            + "\r\n\r\n");
    return peer;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void aProofForThisSessionNeedsNoChallenge(String protocol) throws Exception {
    try (SSLSocket socket = tls(relay, protocol)) {
      WirePeer peer = upgraded(socket, ExporterProof.encode(KEY, material(socket)));
      assertThat(peer.receive()).isEqualTo("02");
      assertThat(peer.lives()).isTrue();
      assertThat(relay.connected()).singleElement().matches(c -> c.node().equals(KEY.nodeId()));
    }
  }

  @Test
  void aProofForAnotherSessionOrAWrongOneIsAnsweredByAChallenge() throws Exception {
    try (SSLSocket first = tls(relay, "TLSv1.3");
        SSLSocket second = tls(relay, "TLSv1.3");
        SSLSocket third = tls(relay, "TLSv1.3")) {
      WirePeer replayed = upgraded(second, ExporterProof.encode(KEY, material(first)));
      assertThat(replayed.authenticate(KEY).lives()).isTrue();
      byte[] material = material(third);
      material[0] ^= 1; // the part that is signed; what is shown is right
      WirePeer wrong = upgraded(third, ExporterProof.encode(KEY, material));
      assertThat(wrong.authenticate(KEY).lives()).isTrue();
    }
  }

  @Test
  void aProofIsNoPassForAccessControl() throws Exception {
    AccessControl nobody = r -> CompletableFuture.completedFuture(AccessDecision.deny("not you"));
    try (RelayServer closed =
            RelayServer.builder()
                .tls(ServerTls.selfSigned(List.of("127.0.0.1")))
                .access(nobody)
                .bind(SocketAddrs.parse("127.0.0.1:0"));
        SSLSocket socket = tls(closed, "TLSv1.3")) {
      WirePeer peer = upgraded(socket, ExporterProof.encode(KEY, material(socket)));
      assertThat(peer.receive()).isEqualTo("03" + "07" + "6e6f7420796f75");
      assertThat(peer.endsSilently()).isTrue();
    }
  }

  /** On every JDK: a header that cannot be read is no header that is absent. */
  @ParameterizedTest
  @ValueSource(strings = {"", "AAAA", "not base64url!"})
  void aHeaderThatCannotBeReadEndsTheConnection(String header) throws Exception {
    try (SSLSocket socket = tls(relay, "TLSv1.3")) {
      assertThat(upgraded(socket, header).endsSilently()).isTrue();
      assertThat(relay.metrics()).containsEntry("refused_signature", 1L);
    }
  }

  @Test
  void withoutTlsAProofIsAnsweredByAChallenge() throws Exception {
    try (RelayServer plain = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
        WirePeer peer = new WirePeer(plain.boundAddress(), Generation.V2)) {
      String request = Generation.V2.request("/relay");
      String header = ExporterProof.encode(KEY, new byte[ExporterProof.MATERIAL]);
      peer.ask(
          request.substring(0, request.length() - 2)
              + ExporterProof.HEADER
              + ": "
              + header
              + "\r\n\r\n");
      assertThat(peer.authenticate(KEY).lives()).isTrue();
    }
  }
}
