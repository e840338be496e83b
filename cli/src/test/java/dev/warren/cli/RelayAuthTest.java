package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Relays that ask for a token, with real processes. */
@Timeout(240)
class RelayAuthTest {
  private static final NodeId PEER = SecretKey.generate().nodeId();

  @TempDir Path temp;

  private final List<WarrenProcess> processes = new ArrayList<>();
  private RelayServer relay;
  private TokenGate gate;

  @BeforeEach
  void bind() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    gate = new TokenGate(relay.boundAddress(), "right");
  }

  @AfterEach
  void close() throws Exception {
    processes.forEach(WarrenProcess::close);
    gate.close();
    relay.close();
  }

  private WarrenProcess warren(String... args) throws IOException {
    WarrenProcess process = WarrenProcess.start(args);
    processes.add(process);
    return process;
  }

  private WarrenProcess listen(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("listen", "--json", "--bind", "127.0.0.1:0", "--relay", gate.url()));
    args.addAll(List.of(more));
    return warren(args.toArray(String[]::new));
  }

  private static void assertRefused(WarrenProcess process) throws Exception {
    Map<String, Object> error = process.await("error");
    assertThat(error.get("kind")).isEqualTo("relay-auth");
    assertThat((String) error.get("message")).contains("not authorized", "--relay-token");
    process.assertExit(1);
  }

  @Test
  void aWrongTokenEndsAListenerThatNobodyReachesOtherwise() throws Exception {
    WarrenProcess listener = listen("--no-direct", "--relay-token", "wrong");
    assertRefused(listener);
    assertThat(listener.events("bound")).isEmpty();
    assertThat(gate.refused).hasValue(1);
  }

  @Test
  void andADialThatHasNoOtherWayLongBeforeItsTimeout() throws Exception {
    long start = System.nanoTime();
    WarrenProcess dialler =
        warren(
            "connect",
            PEER.toString(),
            "--json",
            "--no-direct",
            "--relay",
            gate.url(),
            "--relay-token",
            "wrong",
            "--timeout",
            "600");
    assertRefused(dialler);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
    assertThat(gate.refused).hasValue(1);
  }

  @Test
  void withAnotherWayItIsAWarningAndAnotherTokenInTheFileConnectsAtOnce() throws Exception {
    Path file = Files.writeString(temp.resolve("token"), "wrong\n");
    WarrenProcess listener = listen("--relay-token-file", file.toString());
    assertThat(listener.await("warning").get("kind")).isEqualTo("relay-auth");
    listener.await("bound");
    assertThat(listener.events("online")).isEmpty();

    Files.writeString(file, "right\n");

    assertThat(listener.await("online", Duration.ofSeconds(20), e -> true).get("relay"))
        .isEqualTo(gate.url());
    assertThat(gate.refused).hasValue(1);
    assertThat(listener.events("warning")).hasSize(1);
  }

  @Test
  void aTokenThatWasRightOnceMayBeChanged() throws Exception {
    Path file = Files.writeString(temp.resolve("token"), "right");
    WarrenProcess listener = listen("--no-direct", "--relay-token-file", file.toString());
    listener.await("online");
    Files.writeString(file, "wrong");
    relay.close(); // and with it the connection
    assertThat(listener.await("warning").get("kind")).isEqualTo("relay-auth");
    assertThat(listener.events("error")).isEmpty();
  }

  @Test
  void whoeverHasATokenIsServed() throws Exception {
    WarrenProcess listener = listen("--no-direct", "--relay-token", "right");
    String ticket = (String) listener.await("bound").get("ticket");
    WarrenProcess dialler =
        warren(
            "connect",
            ticket,
            "--json",
            "--no-direct",
            "--relay",
            gate.url(),
            "--relay-token",
            "right");
    assertThat(dialler.await("result").get("mismatches")).isEqualTo(0);
    dialler.assertExit(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--relay-token x",
        "--relay URL --relay-token x --relay-token-file pom.xml",
        "--relay URL --relay-token-file /does/not/exist",
        "--relay URL --no-relay --relay-token x",
        "--relay URL --relay-proxy ftp://proxy",
        "--relay URL --relay-token \u00e4"
      })
  void whatMakesNoSenseIsBadUsage(String options) throws Exception {
    String line = "connect " + PEER + " --json " + options.replace("URL", gate.url());
    warren(line.split(" ")).assertExit(2);
  }
}
