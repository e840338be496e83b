package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code warren relay --config FILE --check}. */
class RelayCheckTest {
  @TempDir Path dir;

  private InProcess check(String toml, String... more) throws IOException {
    Path file = Files.writeString(dir.resolve("relay.toml"), toml);
    List<String> args = new ArrayList<>(List.of("relay", "--config", file.toString()));
    args.add("--check");
    args.addAll(List.of(more));
    return InProcess.run(args.toArray(String[]::new));
  }

  @Test
  void whatWouldBeServedIsSaidAndNothingIsServed() throws Exception {
    InProcess said =
        check("http_bind_addr = '127.0.0.1:80'\nenable_stun = false\naccess.shared_token = ['s3']");
    assertThat(said.exitCode()).isZero();
    assertThat(said.stdout())
        .anyMatch(l -> l.contains("http") && l.contains("127.0.0.1:80"))
        .anyMatch(l -> l.contains("status") && l.contains("127.0.0.1:9091"))
        .anyMatch(l -> l.contains("shared tokens: 1"))
        .noneMatch(l -> l.contains("stun") || l.contains("s3"));
    assertThat(said.stderr()).isEmpty();
  }

  @Test
  void withJsonItIsOneEvent() throws Exception {
    InProcess said = check("drain_seconds = 3\ntrusted_proxies = '10.0.0.0/8'", "--json");
    assertThat(said.exitCode()).isZero();
    assertThat(said.events()).hasSize(1);
    Map<String, Object> checked = said.event("checked");
    assertThat(checked).containsEntry("drainSeconds", 3).containsEntry("access", "everyone");
    assertThat(checked.get("trustedProxies")).isEqualTo(List.of("10.0.0.0/8"));
    assertThat(checked.get("serves").toString())
        .contains("http=[::]:80", "stun=[::]:3478", "metrics=[::]:9090");
  }

  @Test
  void aFileThatIsWrongIsExitCodeTwoWithItsLines() throws Exception {
    InProcess said = check("enable_stun = false\nhttp_bind_adr = '127.0.0.1:0'", "--json");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.event("error"))
        .containsEntry("kind", "config")
        .extractingByKey("message")
        .asString()
        .contains("relay.toml:2: unknown key http_bind_adr", "known key is http_bind_addr");
    assertThat(String.join("\n", said.stderr())).contains("relay.toml:2:");
  }

  @Test
  void whatHasNoEffectIsSaid() throws Exception {
    String toml = "[tls]\ncert_mode = 'SelfSigned'\nquic_bind_addr = '[::]:7842'";
    InProcess said = check(toml, "--json");
    assertThat(said.exitCode()).isZero();
    assertThat(said.event("checked").get("remarks").toString())
        .contains("line 3: tls.quic_bind_addr has no effect");
    assertThat(check(toml).stdout()).anyMatch(l -> l.startsWith("note: line 3"));
  }

  @Test
  void aFileThatIsNotThereIsExitCodeTwo() {
    InProcess said = InProcess.run("relay", "-c", dir.resolve("absent.toml").toString(), "--check");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(String.join("\n", said.stderr())).contains("absent.toml: there is no such file");
  }

  @Test
  void aFileThatIsWrongIsNotServedEither() throws Exception {
    Path file = Files.writeString(dir.resolve("relay.toml"), "drain_seconds = 'x'");
    assertThat(InProcess.run("relay", "--config", file.toString()).exitCode()).isEqualTo(2);
  }
}
