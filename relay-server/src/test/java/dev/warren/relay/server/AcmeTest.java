package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.serving.tls.AcmeOptions;
import dev.warren.serving.tls.ServerTls;
import dev.warren.testlab.Await;
import dev.warren.testlab.TestAuthority;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * ACME against Pebble, the authority that Let's Encrypt tests clients with, on loopback. Names are
 * resolved by its companion, which answers 127.0.0.1 to every question.
 */
@Timeout(120)
class AcmeTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final List<String> NAMES =
      List.of("relay.example.test", "other.relay.example.test");

  @TempDir Path dir;

  private final List<ForeignProgram> programs = new ArrayList<>();
  private int directoryPort;
  private int relayPort;
  private int validSeconds = 90 * 24 * 3600;
  private AcmeOptions options;

  @BeforeEach
  void authority() throws Exception {
    ForeignProgram.need("pebble", "pebble");
    ForeignProgram.need("pebble-challtestsrv", "pebble");
    TestAuthority authority = new TestAuthority();
    TestAuthority.Issued issued = authority.issue();
    issued.writeTo(dir.resolve("pebble.pem"), dir.resolve("pebble.key"));
    Path root = Files.writeString(dir.resolve("root.pem"), authority.rootPem());
    directoryPort = ForeignProgram.freePort();
    relayPort = ForeignProgram.freePort();
    options =
        AcmeOptions.letsEncrypt(NAMES, List.of("ops@example.test"), dir.resolve("cache"))
            .directory(URI.create("https://127.0.0.1:" + directoryPort + "/dir"), root)
            .firstRetry(Duration.ofSeconds(1));
  }

  private void startPebble() throws Exception {
    int dns = ForeignProgram.freePort();
    String config =
        """
        {"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
          "certificate": "%s", "privateKey": "%s", "httpPort": %d, "tlsPort": %d,
          "externalAccountBindingRequired": false, "certificateValidityPeriod": %d}}
        """
            .formatted(
                directoryPort,
                ForeignProgram.freePort(),
                dir.resolve("pebble.pem"),
                dir.resolve("pebble.key"),
                ForeignProgram.freePort(),
                relayPort,
                validSeconds);
    Path file = Files.writeString(dir.resolve("pebble.json"), config);
    programs.add(
        ForeignProgram.start(
            dir.resolve("dns.log"),
            Map.of(),
            List.of(
                "pebble-challtestsrv",
                "-defaultIPv4",
                "127.0.0.1",
                "-defaultIPv6",
                "",
                "-dns01",
                "127.0.0.1:" + dns,
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                "127.0.0.1:" + ForeignProgram.freePort())));
    programs.add(
        ForeignProgram.start(
            dir.resolve("pebble.log"),
            Map.of("PEBBLE_VA_NOSLEEP", "1"),
            List.of("pebble", "-config", file.toString(), "-dnsserver", "127.0.0.1:" + dns)));
    Await.until("Pebble listens", SOON, () -> listens(directoryPort));
  }

  private static boolean listens(int port) {
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress("127.0.0.1", port), 500);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (ForeignProgram program : programs) {
      program.close();
    }
  }

  private RelayServer relay() throws Exception {
    return RelayServer.builder()
        .tls(ServerTls.acme(options))
        .bind(SocketAddrs.parse("127.0.0.1:" + relayPort));
  }

  /** The certificate that a client is shown; null if the handshake fails. */
  private static X509Certificate served(RelayServer relay, String... protocols) {
    InetSocketAddress address = relay.boundAddress();
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return handshake(context, address, protocols);
    } catch (SSLException | SocketException refused) {
      return null;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate handshake(
      SSLContext context, InetSocketAddress address, String... protocols) throws IOException {
    try (Socket tcp = new Socket(address.getAddress(), address.getPort());
        SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket(tcp, NAMES.get(0), 443, true)) {
      socket.setSoTimeout(10_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(protocols);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static List<String> names(X509Certificate certificate) throws Exception {
    return certificate.getSubjectAlternativeNames().stream()
        .map(name -> String.valueOf(name.get(1)))
        .toList();
  }

  private void awaitCertificate(RelayServer relay) throws Exception {
    try {
      Await.until("a certificate", SOON, () -> served(relay) != null);
    } catch (AssertionError e) {
      throw new AssertionError(relay.metrics() + "\n" + programs.get(1).output(), e);
    }
  }

  @Test
  void aCertificateIsOrderedServedAndKept() throws Exception {
    startPebble();
    X509Certificate first;
    try (RelayServer relay = relay()) {
      assertThat(relay.url().toString()).startsWith("https://");
      awaitCertificate(relay);
      first = served(relay);
      assertThat(names(first)).containsExactlyInAnyOrderElementsOf(NAMES);
      assertThat(first.getIssuerX500Principal().getName()).contains("Pebble");
      assertThat(first.getPublicKey().getAlgorithm()).isEqualTo("EC");
      assertThat(served(relay, "h2", "http/1.1")).isEqualTo(first);
      assertThat(served(relay, "acme-tls/1")).as("nobody is checking any more").isNull();
      Await.until("the cache", SOON, () -> cached().size() == 2);
    }
    assertThat(cached())
        .allSatisfy(
            file ->
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(options.cache())))
        .isEqualTo("rwx------");
    try (RelayServer again = relay()) {
      assertThat(served(again)).as("at once, from the cache").isEqualTo(first);
      assertThat(again.metrics()).containsEntry("acme_orders", 0L);
    }
  }

  private List<Path> cached() {
    try (Stream<Path> files = Files.list(options.cache())) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Renewed when a third of its time is left, by an authority that issues for 30 seconds. */
  @Test
  void aCertificateIsRenewedUnderThoseWhoAreIn() throws Exception {
    validSeconds = 30;
    startPebble();
    try (RelayServer relay = relay()) {
      awaitCertificate(relay);
      X509Certificate first = served(relay);
      try (RawPeer client = RawPeer.over(TlsFixture.connect(relay.boundAddress()))) {
        client.authenticate(SecretKey.generate());
        Await.until("another certificate", SOON, () -> !first.equals(served(relay)));
        X509Certificate second = served(relay);
        assertThat(names(second)).containsExactlyInAnyOrderElementsOf(NAMES);
        assertThat(second.getNotAfter()).isAfter(first.getNotAfter());
        assertThat(client.livesAfterWhateverComes()).isTrue();
        assertThat(relay.metrics()).containsEntry("disconnects", 0L);
        assertThat(relay.metrics().get("acme_orders")).isGreaterThanOrEqualTo(2);
        try (RawPeer next = RawPeer.over(TlsFixture.connect(relay.boundAddress()))) {
          assertThat(next.authenticate(SecretKey.generate()).lives()).isTrue();
        }
      }
    }
  }

  @Test
  void whileTheAuthorityIsDownTheRelayRunsAndTriesAgain() throws Exception {
    try (RelayServer relay = relay()) {
      Await.until("a failure", SOON, () -> relay.metrics().get("acme_failures") >= 1);
      assertThat(served(relay)).isNull();
      startPebble();
      awaitCertificate(relay);
      assertThat(names(served(relay))).containsExactlyInAnyOrderElementsOf(NAMES);
    }
  }

  @Test
  void anAccountIsUsedAgainForOtherNames() throws Exception {
    startPebble();
    try (RelayServer relay = relay()) {
      awaitCertificate(relay);
    }
    options =
        new AcmeOptions(
            options.directory(),
            List.of("third.example.test"),
            options.contacts(),
            options.cache(),
            options.authorityCa(),
            options.firstRetry());
    try (RelayServer relay = relay()) {
      awaitCertificate(relay);
      assertThat(names(served(relay))).containsExactly("third.example.test");
      Await.until("the cache", SOON, () -> cached().size() == 3);
    }
  }

  @Test
  void aCacheThatCannotBeMadeIsAnErrorThatSaysSo() throws Exception {
    Files.writeString(options.cache(), "a file");
    assertThatThrownBy(this::relay)
        .hasMessageContaining("the relay's certificate cannot be used")
        .hasMessageContaining(options.cache().toString());
  }

  @Test
  void optionsThatCannotWorkAreRefused() {
    Path cache = dir.resolve("cache");
    assertThatThrownBy(() -> AcmeOptions.letsEncrypt(List.of(), List.of(), cache))
        .hasMessageContaining("host names");
    for (String wrong : List.of("*.example.test", "192.0.2.1", "a b", "", "[::1]", "-a.test")) {
      assertThatThrownBy(() -> AcmeOptions.letsEncrypt(List.of(wrong), List.of(), cache))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> options.directory(URI.create("http://127.0.0.1/dir"), null))
        .hasMessageContaining("https");
  }
}
