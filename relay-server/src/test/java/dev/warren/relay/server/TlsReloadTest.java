package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.server.config.RelayConfig;
import dev.warren.relay.server.config.RunningRelay;
import dev.warren.serving.tls.ServerTls;
import dev.warren.testlab.Await;
import dev.warren.testlab.TestAuthority;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates in files that are replaced while the relay runs. */
class TlsReloadTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path dir;
  private Path chain;
  private Path key;
  private Path root;
  private TestAuthority authority;
  private TestAuthority.Issued first;

  @BeforeEach
  void issue() throws Exception {
    authority = new TestAuthority();
    first = authority.issue();
    chain = dir.resolve("fullchain.pem");
    key = dir.resolve("privkey.pem");
    first.writeTo(chain, key);
    root = Files.writeString(dir.resolve("root.pem"), authority.rootPem());
  }

  private RelayServer relay() throws Exception {
    return RelayServer.builder()
        .tls(ServerTls.files(chain, key))
        .bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  /** The serial number of the certificate that a client, which trusts the root, is shown. */
  private BigInteger served(RelayServer relay) throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    try (var in = Files.newInputStream(root)) {
      roots.setCertificateEntry(
          "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(relay.boundAddress().getAddress(), relay.boundAddress().getPort())) {
      socket.setSoTimeout(10_000);
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  @Test
  void theChainIsServedWithTheCertificate() throws Exception {
    try (RelayServer relay = relay()) {
      assertThat(served(relay)).isEqualTo(first.leaf().getSerialNumber());
    }
  }

  @Test
  @Timeout(60)
  void newFilesAreServedWithoutBeingAsked() throws Exception {
    TestAuthority.Issued next = authority.issue();
    try (RelayServer relay = relay()) {
      next.writeTo(chain, key);
      Await.until("the files are looked at", SOON, () -> relay.metrics().get("tls_reloads") == 1);
      assertThat(served(relay)).isEqualTo(next.leaf().getSerialNumber());
      assertThat(relay.metrics()).containsEntry("tls_reload_failures", 0L);
    }
  }

  @Test
  void newFilesAreServedWhenAsked() throws Exception {
    TestAuthority.Issued next = authority.issue();
    try (RelayServer relay = relay()) {
      next.writeTo(chain, key);
      relay.reloadTls();
      assertThat(served(relay)).isEqualTo(next.leaf().getSerialNumber());
    }
  }

  @Test
  void theOldCertificateStaysWhenTheNewFilesAreBad() throws Exception {
    TestAuthority.Issued next = authority.issue();
    try (RelayServer relay = relay()) {
      TestAuthority.replace(chain, next.chain()); // and the key is still the old one
      assertThatThrownBy(relay::reloadTls)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("do not belong together");
      assertThat(served(relay)).isEqualTo(first.leaf().getSerialNumber());
      Files.delete(key);
      assertThatThrownBy(relay::reloadTls).hasMessageContaining("does not exist");
      assertThat(served(relay)).isEqualTo(first.leaf().getSerialNumber());
      assertThat(relay.metrics().get("tls_reload_failures")).isGreaterThanOrEqualTo(2);
      TestAuthority.replace(key, next.key());
      relay.reloadTls();
      assertThat(served(relay)).isEqualTo(next.leaf().getSerialNumber());
    }
  }

  /** SIGHUP, when somebody has written half a certificate. */
  @Test
  void aBrokenCertificateHoldsNothingElseOfAReloadUp() throws Exception {
    Path toml = dir.resolve("relay.toml");
    String text =
        """
        http_bind_addr = '127.0.0.1:0'
        enable_metrics = false
        enable_status_page = false
        enable_stun = false
        [tls]
        cert_mode = 'Manual'
        https_bind_addr = '127.0.0.1:0'
        manual_cert_path = '%s'
        manual_key_path = '%s'
        """
            .formatted(chain, key);
    Files.writeString(toml, "access = 'everyone'\n" + text);
    try (RunningRelay relay = RunningRelay.start(RelayConfig.read(toml, Map.of()))) {
      TestAuthority.replace(chain, first.chain().substring(0, 300));
      Files.writeString(toml, "access.allowlist = []\n" + text);
      assertThatThrownBy(() -> RelayConfig.read(toml, Map.of()))
          .as("a relay that is started has no other certificate")
          .hasMessageContaining("fullchain.pem");
      relay.reload(RelayConfig.readAgain(toml, Map.of(), false));
      assertThat(served(relay.server())).isEqualTo(first.leaf().getSerialNumber());
      assertThat(relay.server().metrics()).containsEntry("tls_reload_failures", 1L);
      try (RawPeer stranger = RawPeer.over(TlsFixture.connect(relay.server().boundAddress()))) {
        stranger.upgrade("iroh-relay-v2");
        assertThat(stranger.prove(SecretKey.generate())).as("a denial").startsWith("03");
      }
    }
  }

  private interface Task {
    void run() throws Exception;
  }

  /** Runs a task again and again. */
  private static CompletableFuture<Void> until(AtomicBoolean stop, Task task) {
    return CompletableFuture.runAsync(
        () -> {
          while (!stop.get()) {
            try {
              task.run();
            } catch (Exception e) {
              throw new AssertionError("while certificates change", e);
            }
          }
        },
        // A thread each: the common pool may have but one.
        run -> new Thread(run, "load").start());
  }

  /** Two clients talk all the time, others come and go, and the certificate changes 25 times. */
  @Test
  @Timeout(120)
  void aCertificateSwappedUnderLoadBreaksNoConnection() throws Exception {
    RelayTrust trust = RelayTrust.caFile(root);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger rounds = new AtomicInteger();
    AtomicInteger came = new AtomicInteger();
    try (RelayServer relay = relay();
        TestClient a = new TestClient(relay.url(), SecretKey.generate(), trust).online();
        TestClient b = new TestClient(relay.url(), SecretKey.generate(), trust).online()) {
      CompletableFuture<Void> talk =
          until(
              stop,
              () -> {
                int i = rounds.incrementAndGet();
                a.send(b.id(), "ping " + i, 0);
                assertThat(b.next().data()).isEqualTo("ping " + i);
                b.send(a.id(), "pong " + i, 0);
                assertThat(a.next().data()).isEqualTo("pong " + i);
              });
      CompletableFuture<Void> visits =
          until(
              stop,
              () -> {
                served(relay);
                came.incrementAndGet();
              });
      List<BigInteger> serials = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        TestAuthority.Issued next = authority.issue();
        next.writeTo(chain, key);
        relay.reloadTls();
        serials.add(next.leaf().getSerialNumber());
        assertThat(served(relay)).isEqualTo(serials.get(i));
        int before = rounds.get();
        int visited = came.get();
        Await.until(
            "talk and visits go on",
            SOON,
            () ->
                talk.isDone()
                    || visits.isDone()
                    || rounds.get() > before + 5 && came.get() > visited);
      }
      stop.set(true);
      talk.get(20, java.util.concurrent.TimeUnit.SECONDS);
      visits.get(20, java.util.concurrent.TimeUnit.SECONDS);
      assertThat(serials).doesNotHaveDuplicates();
      assertThat(relay.metrics()).containsEntry("tls_failures", 0L);
      assertThat(relay.metrics()).containsEntry("disconnects", 0L).containsEntry("accepts", 2L);
    }
  }

  @Test
  void aCertificateThatTheRelaySignedItselfNamesWhatWasAsked() throws Exception {
    ServerTls tls = ServerTls.selfSigned(List.of("127.0.0.1", "::1", "relay.example.test"));
    try (RelayServer relay =
        RelayServer.builder().tls(tls).bind(SocketAddrs.parse("127.0.0.1:0"))) {
      List<String> names = new ArrayList<>();
      for (List<?> name : certificate(relay).getSubjectAlternativeNames()) {
        names.add(String.valueOf(name.get(1)));
      }
      assertThat(names).containsExactly("127.0.0.1", "0:0:0:0:0:0:0:1", "relay.example.test");
      certificate(relay).verify(certificate(relay).getPublicKey());
    }
  }

  private static X509Certificate certificate(RelayServer relay) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null,
        io.netty.handler.ssl.util.InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
        null);
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(relay.boundAddress().getAddress(), relay.boundAddress().getPort())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }
}
