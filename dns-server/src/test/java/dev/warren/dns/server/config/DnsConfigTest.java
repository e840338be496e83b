package dev.warren.dns.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warren.base.SocketAddrs;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.zone.Origins;
import dev.warren.serving.config.ConfigException;
import dev.warren.serving.tls.AcmeOptions;
import dev.warren.serving.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsConfigTest {
  private static final String DNS =
      """
      [dns]
      port = 5300
      default_soa = "ns1.example hostmaster.example 0 10800 3600 604800 3600"
      origins = ["irohdns.example.", "."]
      """;

  private static final String LEAST = "[http]\nport = 8080\n" + DNS;

  private static DnsConfig parse(String toml) throws ConfigException {
    return DnsConfig.parse("dns.toml", toml, Map.of("HOME", "/home/x"));
  }

  /** The sample for production of the field, with the contact that it lacks. */
  @Test
  void theProductionSampleOfTheFieldIsTaken() throws Exception {
    DnsConfig config =
        parse(
            """
            pkarr_put_rate_limit = "smart"
            [https]
            port = 443
            listen_backlog = 4096
            domains = ["irohdns.example.org"]
            cert_mode = "lets_encrypt"
            letsencrypt_contact = "hello@example.org"
            letsencrypt_prod = true
            [dns]
            port = 53
            default_soa = "dns1.irohdns.example.org hostmaster.irohdns.example.org 0 10800 3600 604800 3600"
            default_ttl = 30
            origins = ["irohdns.example.org", "."]
            rr_a = "203.0.10.10"
            rr_ns = "ns1.irohdns.example.org."
            [metrics]
            disabled = true
            """);
    assertThat(config.dns()).isEqualTo(SocketAddrs.parse("0.0.0.0:53"));
    assertThat(config.http()).isEmpty();
    assertThat(config.metrics()).isEmpty();
    assertThat(config.origins().names())
        .containsExactly(Origins.name("irohdns.example.org."), Origins.name("."));
    AcmeOptions acme = ((ServerTls.Acme) config.https().orElseThrow().source()).options();
    assertThat(acme.directory()).isEqualTo(AcmeOptions.LETS_ENCRYPT);
    assertThat(acme.cache()).isEqualTo(Path.of("/home/x/.local/share/warren-dns/cert_cache"));
    assertThat(config.putLimit()).isEqualTo(PutLimit.SMART);
    assertThat(config.remarks())
        .hasSize(3)
        .anyMatch(r -> r.contains("https.listen_backlog") && r.contains("no effect"))
        .anyMatch(r -> r.contains("default_ttl") && r.contains("no effect"))
        .anyMatch(r -> r.contains("trusted_proxies"));
  }

  @Test
  void whatIsAbsentIsTheDefault() throws Exception {
    DnsConfig config = parse(LEAST);
    assertThat(config.putLimit()).isEqualTo(PutLimit.SIMPLE);
    assertThat(config.metrics().orElseThrow().address())
        .isEqualTo(SocketAddrs.parse("127.0.0.1:9117"));
    assertThat(config.mainline()).isEmpty();
    assertThat(config.store().eviction()).isEqualTo(Duration.ofDays(7));
    assertThat(config.store().backend())
        .isEqualTo(new StoreSettings.Folder(Path.of("/home/x/.local/share/warren-dns/packets")));
    assertThat(config.drain()).isZero();
    assertThat(config.remarks()).isEmpty();
  }

  @Test
  void theFolderIsThatOfTheEnvironmentBeforeThatOfTheFile() throws Exception {
    String toml = "data_dir = \"/file\"\n" + LEAST;
    assertThat(parse(toml).store().backend())
        .isEqualTo(new StoreSettings.Folder(Path.of("/file/packets")));
    assertThat(DnsConfig.parse("x", toml, Map.of("IROH_DNS_DATA_DIR", "/env")).store().backend())
        .isEqualTo(new StoreSettings.Folder(Path.of("/env/packets")));
  }

  @Test
  void aDatabaseIsNamedWithoutItsPassword() throws Exception {
    DnsConfig config =
        DnsConfig.parse(
            "x",
            LEAST
                + "[zone_store]\nbackend = \"postgresql\"\nuser = \"u\"\n"
                + "url = \"jdbc:postgresql://db/warren\"\n",
            Map.of("WARREN_DNS_STORE_PASSWORD", "secret"));
    StoreSettings.Database database = (StoreSettings.Database) config.store().backend();
    assertThat(database.options().password()).isEqualTo("secret");
    assertThat(config.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "1s, PT1S",
    "100ms, PT0.1S",
    "7days, PT168H",
    "1h 30m, PT1H30M",
    "1day2h, PT26H",
    "0s, PT0S",
  })
  void durationsAreThoseOfTheField(String text, Duration duration) {
    assertThat(DurationText.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "5", "s", "-1s", "1 fortnight", "1s,2s", "1s x", "9999days"})
  void otherTextIsNoDuration(String text) {
    assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> DurationText.parse(text)))
        .isNotNull();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        wrong(DNS, 0, "neither [http] nor [https]"),
        wrong("[http]\nport = 1\n", 0, "there is no table [dns]"),
        wrong("[http]\n" + DNS, 1, "[http] needs http.port"),
        wrong("[http]\nport = 65536\n" + DNS, 2, "http.port is 0 to 65535"),
        wrong("[http]\nport = 1\nbind_addr = \"x\"\n" + DNS, 3, "is an IP address"),
        wrong("[http]\nport = 5300\n" + DNS, 0, "are both 0.0.0.0:5300"),
        wrong("[http]\nport = 1\nprt = 1\n" + DNS, 3, "the nearest known key is http.port"),
        wrong("pkarr_put_rate_limit = \"some\"\n" + LEAST, 1, "is \"disabled\", \"simple\""),
        wrong("trusted_proxies = \"x\"\n" + LEAST, 1, "is no address range"),
        wrong("proxy_protocol = true\n" + LEAST, 1, "needs trusted_proxies"),
        wrong(LEAST + "rr_a = \"::1\"\n", 7, "is an IPv4 address"),
        wrong(LEAST + "rr_ns = \"a..b\"\n", 7, "is no domain name"),
        wrong(LEAST.replace("604800 3600", "604800"), 5, "seven words, not 6"),
        wrong(LEAST.replace("\"irohdns.example.\", \".\"", ""), 3, "needs dns.origins"),
        wrong(LEAST + "[zone_store]\neviction = \"often\"\n", 8, "is no duration"),
        wrong(LEAST + "[zone_store]\nbackend = \"tape\"\n", 8, "not \"tape\""),
        wrong(LEAST + "[zone_store]\nbackend = \"postgresql\"\n", 8, "needs zone_store.url"),
        wrong(LEAST + "[mainline]\nbootstrap = [\"x\"]\n", 8, "has \"host:port\""),
        wrong(LEAST + "[https]\nport = 1\n", 7, "needs https.domains"),
        wrong(
            LEAST + "[https]\nport = 1\ndomains = \"a\"\ncert_mode = \"manual\"\n",
            10,
            "a.crt does not exist"),
        wrong(
            LEAST + "[https]\nport = 1\ndomains = \"a\"\ncert_mode = \"lets_encrypt\"\n",
            10,
            "needs https.letsencrypt_contact"));
  }

  private static Arguments wrong(String toml, int line, String message) {
    return Arguments.of(toml, line, message);
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("wrong")
  void whatIsWrongIsSaidWithItsLine(String toml, int line, String message) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> parse(toml));
    assertThat(e).isNotNull();
    assertThat(e.problems())
        .anySatisfy(
            p -> {
              assertThat(p.message()).contains(message);
              assertThat(line == 0 || p.line() == line).as("line " + p.line()).isTrue();
            });
  }

  @Test
  void theSampleOfThePackageIsRight() throws Exception {
    DnsConfig sample = DnsConfig.read(Path.of("..", "packaging", "dns.toml"), Map.of());
    assertThat(sample.remarks()).isEmpty();
    assertThat(sample.mainline()).isEqualTo(Optional.<List<String>>empty());
  }
}
