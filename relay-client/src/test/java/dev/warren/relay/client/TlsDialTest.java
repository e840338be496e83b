package dev.warren.relay.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.wire.ExporterProof;
import dev.warren.relay.client.wire.TlsExporter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way to a relay behind https, up to the request, with a server that the test plays. */
class TlsDialTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir static Path dir;

  private static KeytoolCertificate certificate;

  private final SecretKey key = SecretKey.generate();
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private ServerSocket listener;
  private RelayClient client;

  @BeforeAll
  static void certificate() throws Exception {
    certificate = new KeytoolCertificate(dir, "dns:relay.test");
  }

  @BeforeEach
  void listen() throws Exception {
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(10_000);
  }

  @AfterEach
  void close() throws Exception {
    if (client != null) {
      client.close();
      client.closed().get(5, TimeUnit.SECONDS);
    }
    listener.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }

  private void dial(String host, RelayTrust trust) throws Exception {
    RelayUrl url = RelayUrl.parse("https://" + host + ":" + listener.getLocalPort() + "/");
    RelayClientBuilder builder = RelayClient.builder(url, key, group.next()).trust(trust);
    builder.lookup = name -> new InetAddress[] {InetAddress.getLoopbackAddress()};
    client = builder.start();
  }

  private SSLSocket accept() throws Exception {
    Socket plain = listener.accept();
    SSLSocketFactory factory = certificate.server.getSocketFactory();
    SSLSocket socket = (SSLSocket) factory.createSocket(plain, null, true);
    socket.setUseClientMode(false);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private RelayStatus.Reconnecting failure() throws Exception {
    return (RelayStatus.Reconnecting)
        client.status().awaitUntil(s -> s instanceof RelayStatus.Reconnecting, SOON);
  }

  @Test
  void theFinalDotOfAHostIsInTheRequestButNeitherInSniNorInTheCertificate() throws Exception {
    dial("relay.test.", RelayTrust.caFile(certificate.pem));
    try (SSLSocket socket = accept()) {
      String head = Heads.read(socket.getInputStream());
      assertThat(head).contains("\r\nHost: relay.test.:" + listener.getLocalPort() + "\r\n");
      ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
      assertThat(session.getRequestedServerNames()).containsExactly(new SNIHostName("relay.test"));
    }
  }

  private static Optional<String> proof(String head) {
    Matcher header = Pattern.compile("\r\n" + ExporterProof.HEADER + ": (\\S+)\r\n").matcher(head);
    return header.find() ? Optional.of(header.group(1)) : Optional.empty();
  }

  @Test
  void theProofInTheRequestIsValidForThisSessionAndNoOther() throws Exception {
    Assumptions.assumeTrue(TlsExporter.isAvailable(), "this JDK has no TLS exporter, 25 has");
    RelayTrust trust = RelayTrust.caFile(certificate.pem);
    dial("relay.test", trust);
    byte[] first;
    NodeId id = key.nodeId();
    try (SSLSocket socket = accept()) {
      ExporterProof proof = ExporterProof.decode(proof(Heads.read(socket.getInputStream())).get());
      first = material(socket.getSession(), id);
      assertThat(proof.id()).isEqualTo(id);
      assertThat(proof.isValidFor(first)).isTrue();
    }
    try (SSLSocket socket = accept()) {
      ExporterProof proof = ExporterProof.decode(proof(Heads.read(socket.getInputStream())).get());
      assertThat(proof.isValidFor(material(socket.getSession(), id))).isTrue();
      assertThat(proof.isValidFor(first)).isFalse();
    }
  }

  private static byte[] material(SSLSession session, NodeId id) {
    return TlsExporter.material(session, id).orElseThrow();
  }

  @Test
  void whereNothingCanBeExportedThereIsNoProof() throws Exception {
    Assumptions.assumeFalse(TlsExporter.isAvailable(), "this JDK has a TLS exporter");
    dial("relay.test", RelayTrust.caFile(certificate.pem));
    try (SSLSocket socket = accept()) {
      assertThat(proof(Heads.read(socket.getInputStream()))).isEmpty();
    }
  }

  // ---- what can go wrong, and what the message says then ----

  @Test
  void anUnknownAuthorityIsNamedAsSuchTogetherWithTheOption() throws Exception {
    dial("relay.test", RelayTrust.system());
    try (SSLSocket socket = accept()) {
      assertThat(handshake(socket)).isFalse();
    }
    assertThat(failure().kind()).isEqualTo(RelayFailure.TLS);
    assertThat(failure().cause())
        .contains("relay.test", "--relay-ca", "127.0.0.1:" + listener.getLocalPort());
  }

  @Test
  void anotherNameIsNamedAsSuch() throws Exception {
    dial("other.test", RelayTrust.caFile(certificate.pem));
    try (SSLSocket socket = accept()) {
      assertThat(handshake(socket)).isFalse();
    }
    assertThat(failure().kind()).isEqualTo(RelayFailure.TLS);
    assertThat(failure().cause()).contains("the certificate is not one of other.test");
  }

  private static boolean handshake(SSLSocket socket) {
    try {
      socket.startHandshake();
      return socket.getInputStream().read() >= 0;
    } catch (java.io.IOException refused) {
      return false;
    }
  }

  @Test
  void aServerWithoutTlsIsNamedAsSuch() throws Exception {
    dial("relay.test", RelayTrust.caFile(certificate.pem));
    try (Socket plain = listener.accept()) {
      plain.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
      assertThat(failure().kind()).isEqualTo(RelayFailure.TLS);
      assertThat(failure().cause()).contains("does not speak TLS", "http://");
    }
  }

  @Test
  void aServerThatHangsUpAmidTheHandshakeIsNamedAsSuch() throws Exception {
    dial("relay.test", RelayTrust.caFile(certificate.pem));
    listener.accept().close();
    assertThat(failure().kind()).isEqualTo(RelayFailure.TLS);
  }
}
