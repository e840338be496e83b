package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.warren.testlab.Await;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code warren dns} as a process, asked by the programs that others use. */
@Timeout(120)
class DnsProcessesTest {
  /** Vector A of discovery section 12.2. */
  private static final String KEY = "yqooxx9u3aemh8mo5wcqq16yufu6jitouq1o4za751dger1igghy";

  private static final byte[] PACKET =
      HexFormat.of()
          .parseHex(
              "2b6b338a93c692eaaeed95c5e401f3aa0690eb125eb594a0a64a6cce120ac86d"
                  + "496d4b477b4d641b73854c1336cf875bf6a5d2ccf0da444d37772e2c835dfe00"
                  + "00060a24181e4000"
                  + "000080000000000300000000055f69726f683479716f6f787839753361656d68386d6f35776371713136797566"
                  + "75366a69746f7571316f347a613735316467657231696767687900001000010000001e00222172656c61793d68"
                  + "747470733a2f2f72656c61792e6578616d706c652e636f6d2e2fc00c001000010000001e001413616464723d31"
                  + "39322e302e322e313a34343333c00c001000010000001e001817616464723d5b323030313a6462383a3a315d3a"
                  + "34343333");

  private static final String RECORDS =
      "\"relay=https://relay.example.com./\"\n\"addr=192.0.2.1:4433\"\n"
          + "\"addr=[2001:db8::1]:4433\"\n";

  private final List<WarrenProcess> processes = new ArrayList<>();
  @TempDir Path dir;

  @AfterEach
  void killAll() {
    processes.forEach(WarrenProcess::close);
  }

  private WarrenProcess dns(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("dns", "--json"));
    args.addAll(List.of(more));
    WarrenProcess process = WarrenProcess.start(args.toArray(String[]::new));
    processes.add(process);
    return process;
  }

  private WarrenProcess dev(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(List.of("--dev", "--bind", "127.0.0.1:0", "--http", "127.0.0.1:0"));
    args.addAll(List.of(more));
    return dns(args.toArray(String[]::new));
  }

  private static Map<String, Object> bound(WarrenProcess process) {
    return process.await("bound");
  }

  private static String port(WarrenProcess process) {
    String address = (String) bound(process).get("dns");
    return address.substring(address.lastIndexOf(':') + 1);
  }

  /** What a program of Debian's says; where it is not installed, the test is skipped. */
  private String said(String debianPackage, String... command) throws Exception {
    boolean installed =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, command[0])));
    if (!installed) {
      String missing = command[0] + " is not installed (Debian: " + debianPackage + ")";
      if ("1".equals(System.getenv("WARREN_REQUIRE_PROGRAMS"))) {
        fail(missing + "; WARREN_REQUIRE_PROGRAMS=1 forbids skipping");
      }
      Assumptions.abort(missing);
    }
    Path out = Files.createTempFile(dir, "said", "");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(String.join(" ", command)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(out, StandardCharsets.ISO_8859_1);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  private void publish(WarrenProcess dns) throws Exception {
    Path file = Files.write(dir.resolve("packet"), PACKET);
    assertThat(
            said(
                "curl",
                "curl",
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-X",
                "PUT",
                "--data-binary",
                "@" + file,
                bound(dns).get("pkarr") + "/" + KEY))
        .isEqualTo("204");
  }

  private String dig(WarrenProcess dns, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("dig", "@127.0.0.1", "-p", port(dns), "+time=10", "+short"));
    command.addAll(List.of(more));
    return said("bind9-dnsutils", command.toArray(String[]::new));
  }

  @Test
  void whatCurlPublishesDigFindsOverUdpAndTcp() throws Exception {
    WarrenProcess dns = dev();
    publish(dns);
    for (String origin : List.of(".irohdns.example.", ".dns.warren.test", ".")) {
      assertThat(dig(dns, "_iroh." + KEY + origin, "TXT")).isEqualTo(RECORDS);
      assertThat(dig(dns, "+tcp", "+noedns", "_iroh." + KEY + origin, "TXT")).isEqualTo(RECORDS);
    }
    assertThat(dig(dns, "irohdns.example", "SOA")).startsWith("irohdns.example. hostmaster.");
  }

  @Test
  void curlAsksOverHttpsOfBothVersions() throws Exception {
    WarrenProcess dns = dev();
    publish(dns);
    String url = bound(dns).get("http") + "dns-query?name=_iroh." + KEY + "&type=TXT";
    for (String version : List.of("--http1.1", "--http2-prior-knowledge")) {
      assertThat(said("curl", "curl", "-sS", version, url))
          .contains("\"data\":\"relay=https://relay.example.com./\"");
    }
    Path got = dir.resolve("got");
    said("curl", "curl", "-sS", "-o", got.toString(), bound(dns).get("pkarr") + "/" + KEY);
    assertThat(got).hasBinaryContent(PACKET);
  }

  @Test
  void dnsperfLosesNothing() throws Exception {
    WarrenProcess dns = dev("--metrics-port", "0");
    publish(dns);
    Path queries = Files.writeString(dir.resolve("queries"), "_iroh." + KEY + " TXT\n");
    String report =
        said(
            "dnsperf",
            "dnsperf",
            "-s",
            "127.0.0.1",
            "-p",
            port(dns),
            "-d",
            queries.toString(),
            "-n",
            "20000",
            "-c",
            "4",
            "-q",
            "50",
            "-t",
            "20");
    Matcher completed = Pattern.compile("Queries completed:\\s+(\\d+)").matcher(report);
    assertThat(completed.find()).as(report).isTrue();
    assertThat(completed.group(1)).isEqualTo("20000");
    assertThat(report).contains("NOERROR 20000 (100.00%)");
    String metrics = said("curl", "curl", "-sS", "http://" + bound(dns).get("metrics") + "/");
    assertThat(metrics)
        .contains("dns_server_dns_requests_udp_total 20000\n", "dns_server_cache_zones 1\n")
        .endsWith("# EOF\n");
  }

  @Test
  void whatWasAcknowledgedIsThereAfterTheProcessWasKilled() throws Exception {
    String folder = dir.resolve("data").toString();
    WarrenProcess first = dev("--data-dir", folder);
    publish(first);
    first.close();
    WarrenProcess second = dev("--data-dir", folder);
    assertThat(dig(second, "_iroh." + KEY + ".irohdns.example.", "TXT")).isEqualTo(RECORDS);
  }

  @Test
  void aFileIsServedReadAgainAndEndedBySignals() throws Exception {
    Path file = dir.resolve("dns.toml");
    String toml =
        "data_dir = '"
            + dir
            + "'\n[http]\nport = 0\nbind_addr = '127.0.0.1'\n[metrics]\ndisabled = true\n[dns]\n"
            + "port = 0\nbind_addr = '127.0.0.1'\norigins = ['one.test']\n"
            + "default_soa = 'ns.one.test h.one.test 1 2 3 4 5'\n";
    Files.writeString(file, toml);
    WarrenProcess dns = dns("--config", file.toString());
    assertThat(bound(dns)).containsEntry("origin", "one.test.").doesNotContainKey("metrics");
    assertThat(dig(dns, "two.test", "SOA")).isEmpty();
    Files.writeString(file, toml.replace("['one.test']", "['one.test', 'two.test']"));
    dns.signal("HUP");
    Await.until(
        "the other origin is served",
        WarrenProcess.LIMIT,
        () -> {
          try {
            return !dig(dns, "two.test", "SOA").isEmpty();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    dns.signal("TERM");
    dns.assertExit(0);
  }

  @Test
  void aFileIsCheckedWithoutServingIt() throws Exception {
    Path right = Path.of("..", "packaging", "dns.toml");
    InProcess said = InProcess.run("dns", "--config", right.toString(), "--check", "--json");
    assertThat(said.exitCode()).isZero();
    assertThat(said.event("checked"))
        .containsEntry("origins", List.of("dns.example.org."))
        .containsEntry("certMode", "lets_encrypt")
        .containsEntry("store", "file /var/lib/warren-dns/packets");
    Path wrong =
        Files.writeString(dir.resolve("wrong.toml"), "[http]\nport = 80\n[dns]\nprt = 1\n");
    InProcess refused = InProcess.run("dns", "--config", wrong.toString(), "--check", "--json");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.event("error"))
        .containsEntry("kind", "config")
        .extractingByKey("message")
        .asString()
        .contains("wrong.toml:4: unknown key dns.prt", "dns.port");
  }

  @Test
  void defaultPortsThatAreTakenAreNoReasonNotToStart() throws Exception {
    WarrenProcess first = dns("--dev");
    WarrenProcess second = dns("--dev");
    assertThat(bound(first).get("dns")).isNotEqualTo(bound(second).get("dns"));
    assertThat(bound(first).get("http")).isNotEqualTo(bound(second).get("http"));
  }
}
