package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.client.RelayTrust;
import dev.warren.testlab.Await;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay behind https with a certificate that signed itself. */
class TlsRelayTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String PASSWORD = "password";

  @TempDir static Path dir;

  private static Path certificate;
  private static Path key;

  /** The JDK can make certificates, but only by its command. */
  @BeforeAll
  static void certificate() throws Exception {
    Path store = dir.resolve("relay.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "relay",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=relay",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(dir.resolve("keytool.log"))).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    certificate = pem("CERTIFICATE", keys.getCertificate("relay").getEncoded());
    key = pem("PRIVATE KEY", keys.getKey("relay", PASSWORD.toCharArray()).getEncoded());
  }

  private static Path pem(String what, byte[] der) throws Exception {
    String text =
        "-----BEGIN "
            + what
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END "
            + what
            + "-----\n";
    return Files.writeString(dir.resolve(what.replace(' ', '-') + ".pem"), text);
  }

  private static RelayServer relay() throws Exception {
    return RelayServer.builder().tls(certificate, key).bind(SocketAddrs.parse("127.0.0.1:0"));
  }

  /** What a handshake costs, those who are in must not wait for. */
  @Test
  void handshakesAreComputedBesideTheEventLoops() throws Exception {
    try (RelayServer relay = relay();
        TestClient client =
            new TestClient(relay.url(), SecretKey.generate(), RelayTrust.caFile(certificate))) {
      client.online();
      assertThat(Thread.getAllStackTraces().keySet())
          .anyMatch(thread -> thread.getName().startsWith("warren-handshakes"));
    }
  }

  @Test
  void clientsThatTrustItTalkThroughIt() throws Exception {
    RelayTrust trust = RelayTrust.caFile(certificate);
    try (RelayServer relay = relay();
        TestClient a = new TestClient(relay.url(), SecretKey.generate(), trust).online();
        TestClient b = new TestClient(relay.url(), SecretKey.generate(), trust).online()) {
      assertThat(relay.url().toString()).startsWith("https://127.0.0.1:");
      a.send(b.id(), "secret", 0);
      assertThat(b.next()).isEqualTo(new TestClient.Received(a.id(), "secret", 0));
      String batch = "x".repeat(50_000);
      for (int i = 0; i < 50; i++) {
        b.send(a.id(), batch, 1200);
        assertThat(a.next()).isEqualTo(new TestClient.Received(b.id(), batch, 1200));
      }
    }
  }

  private static String refusal(RelayUrl url, RelayTrust trust) {
    try (TestClient client = new TestClient(url, SecretKey.generate(), trust)) {
      Await.until(
          "a refusal",
          SOON,
          () -> client.client.status().get() instanceof RelayStatus.Reconnecting);
      return ((RelayStatus.Reconnecting) client.client.status().get()).cause();
    }
  }

  @Test
  void clientsThatDoNotTrustItStayAway() throws Exception {
    try (RelayServer relay = relay()) {
      assertThat(refusal(relay.url(), RelayTrust.system())).startsWith("TLS: ");
      assertThat(relay.metrics()).containsEntry("accepts", 0L);
    }
  }

  @Test
  void anotherNameThanTheCertificatesIsRefused() throws Exception {
    try (RelayServer relay = relay()) {
      RelayUrl byName = RelayUrl.parse("https://localhost:" + relay.boundAddress().getPort() + "/");
      assertThat(refusal(byName, RelayTrust.caFile(certificate))).startsWith("TLS: ");
    }
  }

  @Test
  void plainTextOnTheTlsPortEndsOnlyItsConnection() throws Exception {
    RelayTrust trust = RelayTrust.caFile(certificate);
    try (RelayServer relay = relay();
        RawPeer plain = RawPeer.connect(relay.boundAddress());
        TestClient client = new TestClient(relay.url(), SecretKey.generate(), trust).online()) {
      plain.write(RawPeer.request("iroh-relay-v2").getBytes(US_ASCII));
      assertThat(plain.ends()).isTrue();
      client.send(client.id(), "fine", 0);
      assertThat(client.next().data()).isEqualTo("fine");
    }
  }

  @Test
  void filesThatHoldNoCertificateAreAnErrorThatSaysSo() throws Exception {
    Path empty = Files.writeString(dir.resolve("empty.pem"), "");
    assertThatThrownBy(
            () ->
                RelayServer.builder()
                    .tls(empty, key)
                    .bind(SocketAddrs.parse("127.0.0.1:0"))
                    .close())
        .isInstanceOf(EndpointBindException.class);
    assertThatThrownBy(() -> RelayTrust.caFile(empty)).hasMessageContaining("no certificate");
    assertThatThrownBy(() -> RelayTrust.caFile(dir.resolve("none.pem")))
        .hasMessageContaining("cannot be read");
  }
}
