package dev.warren.relay.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.serving.config.ConfigException;
import dev.warren.serving.config.Service;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay is what its configuration says. */
class RunningRelayTest {
  private static final String PLAIN =
      "http_bind_addr = '127.0.0.1:0'\ndrain_seconds = 1\nstun_bind_addr = '127.0.0.1:0'\n"
          + "metrics_bind_addr = '127.0.0.1:0'\nstatus_bind_addr = '127.0.0.1:0'\n";

  private static RelayConfig config(String toml) throws ConfigException {
    return RelayConfig.parse("relay.toml", toml, Map.of(), false);
  }

  private static HttpResponse<String> get(InetSocketAddress address, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void everythingThatIsConfiguredIsServedAndGoneAfterwards() throws Exception {
    RunningRelay relay = RunningRelay.start(config(PLAIN));
    InetSocketAddress metrics = relay.metricsAddress().orElseThrow();
    try (relay) {
      assertThat(get(relay.server().boundAddress(), "/ping").statusCode()).isEqualTo(200);
      assertThat(get(metrics, "/metrics").body())
          .contains("relayserver_accepts_total 0", "relayserver_clients 0", "stun_requests_total 0")
          .endsWith("# EOF\n");
      assertThat(get(relay.statusAddress().orElseThrow(), "/").body()).contains("Warren relay");
      assertThat(relay.server().stunAddress()).isPresent();
    }
    assertThatThrownBy(() -> get(metrics, "/")).isInstanceOf(IOException.class);
    relay.close();
  }

  @Test
  void anAddressThatWasAskedForMustBeHadAndNothingIsLeftRunningWithoutIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int relayPort = free.getLocalPort();
      free.close();
      String toml =
          "http_bind_addr = '127.0.0.1:%d'\nenable_stun = false\nstatus_bind_addr = '127.0.0.1:%d'"
              .formatted(relayPort, taken.getLocalPort());
      assertThatThrownBy(() -> RunningRelay.start(config(toml + "\nenable_metrics = false")))
          .isInstanceOf(EndpointBindException.class)
          .hasMessageContaining("status")
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
      new ServerSocket(relayPort, 1, InetAddress.getLoopbackAddress()).close();
    }
  }

  @Test
  void aDefaultPortThatIsTakenIsLeftOut() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      RelayConfig config =
          RelayConfig.development(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();
      RelayConfig byDefault =
          new RelayConfig(
              config.http(),
              config.tls(),
              Optional.of(new Service(address, false)),
              config.status(),
              config.stun(),
              config.access(),
              config.limits(),
              config.trustedProxies(),
              config.proxyProtocol(),
              config.legacyClients(),
              config.drain(),
              config.remarks());
      try (RunningRelay relay = RunningRelay.start(byDefault)) {
        assertThat(relay.metricsAddress()).isEmpty();
        assertThat(get(relay.server().boundAddress(), "/ping").statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void aCertificateThatItSignedItselfIsWrittenForClientsToTrust(@TempDir Path dir)
      throws Exception {
    Path file = dir.resolve("relay.pem");
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (RunningRelay relay = RunningRelay.start(RelayConfig.developmentTls(loopback, file))) {
      assertThat(relay.certificateFile()).contains(file);
      X509Certificate written;
      try (InputStream in = Files.newInputStream(file)) {
        written = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      }
      assertThat(relay.server().certificate()).contains(written);
      assertThat(relay.server().url().toString()).startsWith("https://127.0.0.1:");
    }
    RelayConfig nowhere = RelayConfig.developmentTls(loopback, dir.resolve("absent/relay.pem"));
    assertThatThrownBy(() -> RunningRelay.start(nowhere))
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining("absent/relay.pem");
  }

  @Test
  void whatHasNoEffectIsRemarked() throws Exception {
    String toml = "\n[tls]\ncert_mode = 'SelfSigned'\nquic_bind_addr = '[::]:7842'";
    assertThat(config(toml).remarks())
        .singleElement()
        .asString()
        .contains("line 4: tls.quic_bind_addr has no effect");
    assertThat(config(PLAIN).remarks()).isEmpty();
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFile() throws Exception {
    assertThat(config("\ufeffdrain_seconds = 7").drain()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void drainingARelayThatNobodyUsesTakesNoTime() throws Exception {
    RunningRelay relay = RunningRelay.start(config(PLAIN));
    long start = System.nanoTime();
    relay.drain(Duration.ofSeconds(60));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }
}
