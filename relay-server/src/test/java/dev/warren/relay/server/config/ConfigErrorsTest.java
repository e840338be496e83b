package dev.warren.relay.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warren.base.SocketAddrs;
import dev.warren.serving.config.ConfigException;
import dev.warren.testlab.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a file is told with its line and what to do. */
class ConfigErrorsTest {
  @TempDir Path dir;

  private static ConfigException wrong(String toml) {
    return wrong(toml, Map.of());
  }

  private static ConfigException wrong(String toml, Map<String, String> environment) {
    return catchThrowableOfType(
        ConfigException.class, () -> RelayConfig.parse("relay.toml", toml, environment, false));
  }

  private static void assertWrong(String toml, int line, String... words) {
    ConfigException e = wrong(toml);
    assertThat(e).as(toml).isNotNull();
    assertThat(e.problems()).as(e.getMessage()).hasSize(1);
    assertThat(e.problems().get(0).line()).as(e.getMessage()).isEqualTo(line);
    assertThat(e.getMessage()).contains(words).startsWith("relay.toml:" + line + ": ");
  }

  @ParameterizedTest
  @CsvSource({
    "http_bind_adr = 1, http_bind_adr, http_bind_addr",
    "enable_metric = true, enable_metric, enable_metrics",
    "hostname = 'a', hostname, tls.hostname",
    "bytes_per_second = 7, bytes_per_second, limits.client.rx.bytes_per_second",
    "acess.allowlist = [], acess, access",
    "[limit], limit, limits",
    "[tsl], tsl, tls",
    "'tls.cert_mode' = 1, tls.cert_mode, tls.cert_mode",
    "access.http.uri = 'x', access.http.uri, access.http.url"
  })
  void anUnknownKeyIsNamedWithTheNearestKnownOne(String toml, String key, String nearest) {
    assertWrong("\n\n" + toml, 3, "unknown key", key, "nearest known key is " + nearest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enable_metrics = 1 | enable_metrics is true or false, not 1",
        "drain_seconds = 'ten' | drain_seconds is a whole number, not \"ten\"",
        "drain_seconds = 601 | drain_seconds is 0 to 600, not 601",
        "drain_seconds = -1 | drain_seconds is 0 to 600, not -1",
        "http_bind_addr = 80 | http_bind_addr is an address \"IP:PORT\", not 80",
        "http_bind_addr = 'localhost:80' | http_bind_addr is \"IP:PORT\" or \"[IP]:PORT\"",
        "http_bind_addr = '127.0.0.1:70000' | http_bind_addr is \"IP:PORT\"",
        "http_bind_addr = '' | http_bind_addr is empty",
        "tls = 1 | tls is a table, as in [tls], not 1",
        "access = 'nobody' | access is \"everyone\", or a table with one of allowlist",
        "access = [] | access is a string, not a list",
        "access.allowlist = 7 | access.allowlist is a list of strings, not 7",
        "access.allowlist = ['abc'] | access.allowlist: ",
        "access.allowlist = [1] | access.allowlist has strings, not 1",
        "access.shared_token = [] | WARREN_RELAY_ACCESS_TOKEN",
        "access.shared_token = ['a', ''] | access.shared_token has an empty token",
        "access.http.url = 'ftp://x/' | is an http or https URL",
        "access.http.bearer_token = 'x' | is of no use without access.http.url",
        "[access] | access is an empty table",
        "limits.client.rx.bytes_per_second = 0 | is 10 to 4294967295, not 0",
        "limits.client.rx.bytes_per_second = 9 | is 10 to 4294967295, not 9",
        "limits.client.rx.bytes_per_second = 4294967296 | is 10 to 4294967295",
        "limits.client.rx.max_burst_bytes = 5 | no use without limits.client.rx.bytes_per_second",
        "limits.accept_conn_burst = 5 | is of no use without limits.accept_conn_limit",
        "limits.accept_conn_limit = 0.0 | is more than 0, at most 1000000000, not 0.0",
        "limits.accept_conn_limit = nan | is more than 0, at most 1000000000, not NaN",
        "limits.accept_conn_limit = 'many' | is a number, not \"many\"",
        "access.shared_token = 7 | access.shared_token is a list of strings, not 7",
        "access.shared_token = ['a', 'b ', 'c'] | has a token that no client can send",
        "access.shared_token = 'pässword' | has a token that no client can send",
        "enable_relay = false | = false cannot be served: STUN",
        "tls = {cert_mode = 'SelfSigned', quic_bind_addr = '7842'} | tls.quic_bind_addr is",
        "tls = {cert_mode = 'LetsEncrypt', hostname = 'a.test', contact = 'a@a.test',"
            + " self_signed_path = 'x'} | tls.self_signed_path is of no use without",
        "enable_quic_addr_discovery = true | cannot be served",
        "proxy_protocol = true | needs trusted_proxies",
        "trusted_proxies = ['10.0.0.0/33'] | trusted_proxies: ",
        "trusted_proxies = ['proxy.example'] | trusted_proxies: ",
        "tls.cert_mode = 'manual' | is one of \"Manual\", \"Reloading\"",
        "tls.hostname = 'a.test' | [tls] needs tls.cert_mode",
        "drain_seconds = | not TOML"
      })
  void aValueThatCannotBeIsToldWithItsLine(String toml, String words) {
    assertWrong("# a relay\n" + toml, 2, words);
  }

  @Test
  void contradictionsAreToldAtTheLaterLine() {
    assertWrong(
        "access.shared_token = ['a']\naccess.denylist = []",
        2,
        "access.denylist contradicts access.shared_token");
    assertWrong(
        "http_bind_addr = '127.0.0.1:80'\nmetrics_bind_addr = '127.0.0.1:80'",
        2,
        "metrics_bind_addr and http_bind_addr are both 127.0.0.1:80");
  }

  @Test
  void allAddressesTakeAPortOfEachAddress() {
    assertWrong(
        "http_bind_addr = '0.0.0.0:80'\nmetrics_bind_addr = '127.0.0.1:80'",
        2,
        "metrics_bind_addr and http_bind_addr overlap, 127.0.0.1:80 and 0.0.0.0:80");
    assertWrong("http_bind_addr = '[::]:9091'", 1, "status_bind_addr and http_bind_addr overlap");
  }

  /** They are sockets of different families: both can be had, and are. */
  @Test
  void allAddressesOfOneFamilyLeaveThePortsOfTheOther() throws Exception {
    for (String one : new String[] {"[::1]:80", "[2001:db8::1]:80"}) {
      String toml = "http_bind_addr = '0.0.0.0:80'\nmetrics_bind_addr = '" + one + "'";
      assertThat(RelayConfig.parse("x", toml, Map.of(), false).metrics())
          .hasValueSatisfying(
              metrics -> assertThat(SocketAddrs.toString(metrics.address())).isEqualTo(one));
    }
    assertWrong(
        "http_bind_addr = '[::]:80'\nmetrics_bind_addr = '192.0.2.1:80'",
        2,
        "metrics_bind_addr and http_bind_addr overlap");
  }

  @Test
  void aTokenInTheEnvironmentThatWouldNotBeAskedForIsAnError() throws Exception {
    Map<String, String> token = Map.of("WARREN_RELAY_ACCESS_TOKEN", "t");
    assertThat(wrong("drain_seconds = 1", token)).hasMessageContaining("everyone could connect");
    assertThat(RelayConfig.parse("x", "access = 'everyone'", token, false).access())
        .isEqualTo(new AccessSettings.Everyone());
    assertThat(RelayConfig.parse("x", "access.shared_token = []", token, false).access())
        .isEqualTo(new AccessSettings.SharedTokens(List.of("t")));
    assertThat(wrong("access.shared_token = []", Map.of("IROH_RELAY_ACCESS_TOKEN", "t\n")))
        .hasMessageContaining("no client can send");
  }

  @Test
  void everythingThatIsWrongIsToldAtOnceInTheOrderOfLines() {
    ConfigException e = wrong("drain_seconds = -1\nnonsense = 1\n[tls]\ncert_mode = 7\n");
    assertThat(e.problems()).extracting(ConfigException.Problem::line).containsExactly(1, 2, 4);
  }

  @Test
  void aCertificateThatIsNotThereIsToldAtTheKeyThatNamesIt() {
    ConfigException e =
        wrong(
            "[tls]\ncert_mode = 'Manual'\nmanual_cert_path = '/absent.crt'\ncert_dir = '/absent'");
    assertThat(e.problems()).extracting(ConfigException.Problem::line).containsExactly(2, 3);
    assertThat(e.getMessage()).contains("/absent.crt", "/absent/default.key", "no such file");
  }

  @Test
  void filesThatAreNoCertificateAreToldBeforeAnythingIsServed() throws IOException {
    Files.writeString(dir.resolve("default.crt"), "no certificate");
    Files.writeString(dir.resolve("default.key"), "no key");
    assertWrong(
        "tls.cert_dir = '" + dir + "'\ntls.cert_mode = 'Reloading'",
        2,
        "cannot be used",
        "default.crt");
  }

  @Test
  void aKeyThatIsNotThatOfTheCertificateIsTold() throws Exception {
    TestAuthority authority = new TestAuthority();
    Path chain = Files.writeString(dir.resolve("default.crt"), authority.issue().chain());
    Path key = Files.writeString(dir.resolve("default.key"), authority.issue().key());
    assertThat(chain).exists();
    assertWrong("tls.cert_mode = 'Manual'\ntls.cert_dir = '" + dir + "'", 1, "cannot be used");
    assertThat(key).exists();
  }

  @Test
  void letsEncryptNeedsANameAndAContact() {
    ConfigException e = wrong("[tls]\ncert_mode = 'LetsEncrypt'\ncert_dir = '/absent'");
    assertThat(e.getMessage()).contains("tls.hostname", "tls.contact");
  }

  @ParameterizedTest
  @CsvSource({"*.example.org, no host name", "192.0.2.1, no host name"})
  void letsEncryptTakesNoNameThatItCannotCheck(String name, String words) {
    assertWrong(
        "[tls]\ncert_mode = 'LetsEncrypt'\ncontact = 'a@a.test'\nhostname = '" + name + "'",
        2,
        name,
        words);
  }

  @Test
  void anEmptyVariableIsAnErrorInsteadOfARelayForNobody() {
    ConfigException e =
        wrong("access.shared_token = ['a']", Map.of("IROH_RELAY_ACCESS_TOKEN", " "));
    assertThat(e.getMessage()).contains("the variable IROH_RELAY_ACCESS_TOKEN is empty");
  }

  @Test
  void filesThatCannotBeReadAreNamed() throws IOException {
    assertFile(dir.resolve("absent.toml"), "there is no such file");
    assertFile(dir, "is a folder");
    Path latin = Files.write(dir.resolve("latin.toml"), new byte[] {'#', (byte) 0xe9});
    assertFile(latin, "is not UTF-8 text");
    Path large = Files.writeString(dir.resolve("large.toml"), "#".repeat((4 << 20) + 1));
    assertFile(large, "is larger than");
  }

  private static void assertFile(Path file, String words) {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> RelayConfig.read(file, Map.of()));
    assertThat(e).hasMessageContainingAll(file.toString(), words);
  }
}
