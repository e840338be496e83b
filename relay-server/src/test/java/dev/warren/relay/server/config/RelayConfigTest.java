package dev.warren.relay.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.config.ConfigException;
import dev.warren.serving.config.Service;
import dev.warren.serving.tls.AcmeOptions;
import dev.warren.serving.tls.ServerTls;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a configuration file says, in every form that the field's servers read. */
class RelayConfigTest {
  @TempDir Path dir;

  private static RelayConfig parse(String toml) throws ConfigException {
    return parse(toml, Map.of());
  }

  private static RelayConfig parse(String toml, Map<String, String> environment)
      throws ConfigException {
    return RelayConfig.parse("relay.toml", toml, environment, false);
  }

  private static InetSocketAddress addr(String text) {
    return SocketAddrs.parse(text);
  }

  @Test
  void anEmptyFileIsARelayWithTheDefaultsOfTheField() throws Exception {
    RelayConfig config = parse("");
    assertThat(config.http()).isEqualTo(addr("[::]:80"));
    assertThat(config.tls()).isEmpty();
    assertThat(config.metrics()).contains(new Service(addr("[::]:9090"), false));
    assertThat(config.stun()).contains(new Service(addr("[::]:3478"), false));
    assertThat(config.status()).contains(new Service(addr("127.0.0.1:9091"), false));
    assertThat(config.access()).isEqualTo(new AccessSettings.Everyone());
    assertThat(config.limits()).isEqualTo(RelayLimits.defaults());
    assertThat(config.drain()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void servicesTakeTheAddressOfTheRelayUnlessTheyHaveTheirOwn() throws Exception {
    RelayConfig config =
        parse("http_bind_addr = '192.0.2.1:8080'\nmetrics_bind_addr = '127.0.0.1:1'");
    assertThat(config.stun()).contains(new Service(addr("192.0.2.1:3478"), false));
    assertThat(config.metrics()).contains(new Service(addr("127.0.0.1:1"), true));
  }

  @Test
  void servicesThatAreSwitchedOffAreAbsent() throws Exception {
    RelayConfig config =
        parse("enable_stun = false\nenable_metrics = false\nenable_status_page = false");
    assertThat(config.stun()).isEmpty();
    assertThat(config.metrics()).isEmpty();
    assertThat(config.status()).isEmpty();
  }

  @Test
  void everyFormOfAccessIsRead() throws Exception {
    NodeId id = SecretKey.generate().nodeId();
    Set<NodeId> ids = Set.of(id);
    assertThat(parse("access = 'everyone'").access()).isEqualTo(new AccessSettings.Everyone());
    assertThat(parse("access.allowlist = ['" + id + "']").access())
        .isEqualTo(new AccessSettings.AllowList(ids));
    assertThat(parse("access = { denylist = ['" + id + "'] }").access())
        .isEqualTo(new AccessSettings.DenyList(ids));
    assertThat(parse("[access]\nshared_token = ['a', 'b']").access())
        .isEqualTo(new AccessSettings.SharedTokens(List.of("a", "b")));
    assertThat(parse("access.shared_token = 'a'").access())
        .isEqualTo(new AccessSettings.SharedTokens(List.of("a")));
    AccessSettings http =
        parse("[access.http]\nurl = 'https://a.test/in'\nbearer_token = 'sesame'").access();
    assertThat(http).isInstanceOf(AccessSettings.Http.class);
    assertThat(http.toString()).isEqualTo("whom https://a.test allows").doesNotContain("sesame");
  }

  @Test
  void variablesGoBeforeTheFileAndOursBeforeTheFields() throws Exception {
    Map<String, String> theirs =
        Map.of("IROH_RELAY_ACCESS_TOKEN", "t", "IROH_RELAY_HTTP_BEARER_TOKEN", "b");
    Map<String, String> both =
        Map.of("IROH_RELAY_ACCESS_TOKEN", "t", "WARREN_RELAY_ACCESS_TOKEN", "w");
    assertThat(parse("access.shared_token = ['a', 'b']", theirs).access())
        .isEqualTo(new AccessSettings.SharedTokens(List.of("t")));
    assertThat(parse("access.shared_token = []", both).access())
        .isEqualTo(new AccessSettings.SharedTokens(List.of("w")));
    assertThat(parse("access.http.url = 'http://a.test'", theirs).access())
        .matches(a -> ((AccessSettings.Http) a).bearerToken().orElse("").equals("b"));
  }

  @Test
  void secretsAreNotShown() throws Exception {
    assertThat(parse("access.shared_token = ['sesame']").toString()).doesNotContain("sesame");
  }

  @Test
  void everyLimitIsRead() throws Exception {
    RelayLimits limits =
        parse(
                """
                key_cache_capacity = 7
                [limits]
                accept_conn_limit = 12.5
                accept_conn_burst = 30
                clients = 1000
                clients_per_address = 10
                connections_per_id = 3
                connects_per_id_per_second = 2
                handshakes = 99
                handshakes_per_address = 9
                establish_seconds = 5
                handshake_seconds = 6
                client.queue_frames = 100
                client.queue_bytes = 1_000_000
                [limits.client.rx]
                bytes_per_second = 1_048_576
                max_burst_bytes = 4_194_304
                """)
            .limits();
    assertThat(limits)
        .isEqualTo(
            RelayLimits.builder()
                .keyCache(7)
                .acceptsPerSecond(12.5)
                .acceptBurst(30)
                .clients(1000)
                .clientsPerAddress(10)
                .connectionsPerId(3)
                .connectsPerIdPerSecond(2)
                .handshakes(99)
                .handshakesPerAddress(9)
                .establishTime(Duration.ofSeconds(5))
                .handshakeTime(Duration.ofSeconds(6))
                .queueFrames(100)
                .queueBytes(1_000_000)
                .bytesPerSecond(1_048_576)
                .burstBytes(4_194_304)
                .build());
  }

  @Test
  void letsEncryptIsReadInTheFieldsWords() throws Exception {
    TlsSettings tls =
        parse(
                """
                http_bind_addr = "[::]:80"
                access.shared_token = ["s3cret-one", "s3cret-two"]
                [tls]
                cert_mode = "LetsEncrypt"
                hostname  = ["relay1.example.org", "relay1-alt.example.org"]
                contact   = "ops@example.org"
                prod_tls  = false
                cert_dir  = "%s"
                """
                    .formatted(dir))
            .tls()
            .orElseThrow();
    assertThat(tls.mode()).isEqualTo(TlsSettings.Mode.LETS_ENCRYPT);
    assertThat(tls.https()).isEqualTo(addr("[::]:443"));
    AcmeOptions acme = ((ServerTls.Acme) tls.source()).options();
    assertThat(acme.names()).containsExactly("relay1.example.org", "relay1-alt.example.org");
    assertThat(acme.contacts()).containsExactly("ops@example.org");
    assertThat(acme.cache()).isEqualTo(dir);
    assertThat(acme.directory()).isEqualTo(AcmeOptions.LETS_ENCRYPT_STAGING);
  }

  @Test
  void variablesNameAnotherAuthority() throws Exception {
    Map<String, String> pebble =
        Map.of(
            "IROH_RELAY_ACME_URL", "https://127.0.0.1:14000/dir", "WARREN_RELAY_ACME_CA", "ca.pem");
    String toml = "[tls]\ncert_mode = 'LetsEncrypt'\nhostname = 'a.test'\ncontact = 'a@a.test'";
    AcmeOptions acme =
        ((ServerTls.Acme) parse(toml, pebble).tls().orElseThrow().source()).options();
    assertThat(acme.directory()).hasToString("https://127.0.0.1:14000/dir");
    assertThat(acme.authorityCa()).isEqualTo(Path.of("ca.pem"));
  }

  @Test
  void developmentIsPlainHttpOnItsOwnPort() throws Exception {
    String toml =
        "[tls]\ncert_mode = 'LetsEncrypt'\nhostname = 'a.test'\ncontact = 'a@a.test'\n"
            + "cert_dir = '%s'".formatted(dir);
    RelayConfig config = RelayConfig.parse("relay.toml", toml, Map.of(), true);
    assertThat(config.http()).isEqualTo(addr("[::]:3340"));
    assertThat(config.tls()).isEmpty();
  }

  @Test
  void aFileIsReadAsItsText() throws Exception {
    Path file = Files.writeString(dir.resolve("relay.toml"), "drain_seconds = 3\n");
    assertThat(RelayConfig.read(file, Map.of()).drain()).isEqualTo(Duration.ofSeconds(3));
  }
}
