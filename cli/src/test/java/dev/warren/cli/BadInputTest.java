package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.SecretKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad usage: exit code 2, one sentence that says what is wrong and where, nothing written. */
class BadInputTest {
  private static final String MEGABYTE = "a".repeat(1 << 20);
  private static final String ID = SecretKey.generate().nodeId().toString();
  private static final String TICKET =
      NodeTicket.of(NodeAddr.of(SecretKey.generate().nodeId())).toString();

  @TempDir Path temp;

  static Stream<Arguments> badArguments() {
    return Stream.of(
        bad("TARGET", "malformed", "connect", "nodeabc"),
        bad("TARGET", "malformed", "connect", "endpointabc"),
        bad("TARGET", "not a ticket", "connect", "ticket" + TICKET),
        bad("TARGET", "not a ticket", "connect", TICKET.toUpperCase(java.util.Locale.ROOT)),
        bad("TARGET", "malformed", "connect", TICKET.substring(0, TICKET.length() - 9)),
        bad("TARGET", "1048580 characters", "connect", "node" + MEGABYTE),
        bad("TARGET", "1048576 characters", "connect", MEGABYTE),
        bad("TARGET", "0 characters", "connect", ""),
        bad("TARGET", "node id", "connect", ID.replaceFirst("..$", "zz")),
        bad("TARGET", "malformed", "receive", "nodeabc"),
        bad("TARGET", "Missing required", "connect"),
        bad("--addr", "IP:PORT", "connect", ID, "--addr", "127.0.0.1"),
        bad("--addr", "IP:PORT", "connect", ID, "--addr", "127.0.0.1:99999"),
        bad("--relay", "begins with https://", "listen", "--relay", "ftp://example.org"),
        bad("--relay", "relay URL", "listen", "--relay", "https://" + MEGABYTE),
        bad("--relay", "stands alone", "listen", "--relay", "none", "--relay", "http://r.test"),
        bad("--peer-relay", "begins with", "connect", ID, "--peer-relay", "localhost"),
        bad("--no-direct", "no way", "listen", "--no-direct", "--no-relay"),
        bad("relay CA file", "absent.pem", "listen", "--relay-ca", "absent.pem"),
        bad("--bind", "IP:PORT", "listen", "--bind", "localhost:1"),
        bad("--identity", "x509 is the only form", "listen", "--identity", "rpk"),
        bad("--idle-timeout", "1 to 600", "listen", "--idle-timeout", "0"),
        bad("--keylog", "SSLKEYLOGFILE", "listen", "--keylog"),
        bad("--alpn", "255", "connect", TICKET, "--alpn", MEGABYTE),
        bad("--alpn", "served as they are", "listen", "--alpn", "warren-sink/0"),
        bad("--bytes", "number of bytes", "connect", TICKET, "--bytes", "5XB"),
        bad("--bytes", "number of bytes", "connect", TICKET, "--bytes", "-1"),
        bad("--bytes", "more than 1 PiB", "connect", TICKET, "--bytes", "9999999G"),
        bad("--bytes", "number of bytes", "connect", TICKET, "--bytes", MEGABYTE),
        bad("--count", "1 to 1000000", "connect", TICKET, "--count", "0"),
        bad("--count", "not an int", "connect", TICKET, "--count", "many"),
        bad("--parallel", "1 to 10000", "connect", TICKET, "--parallel", "10001"),
        bad("--timeout", "1 to 3600", "connect", TICKET, "--timeout", "0"),
        bad("--timeout", "whole seconds", "connect", TICKET, "--timeout", "1.5"),
        bad("--hold", "whole seconds", "connect", TICKET, "--hold", "-1"),
        bad("--require", "direct or relay", "connect", TICKET, "--require", "fast"),
        bad("--ping", "needs an echo", "connect", TICKET, "--ping", "--alpn", "warren-sink/0"),
        bad("--size", "number of bytes", "demo", "--size", "big"),
        bad("absent.file", "does not exist", "send", "absent.file"),
        bad("--out", "not a folder", "receive", TICKET, "--out", "/dev/null/x"),
        bad("--config FILE", "--dev", "relay"),
        bad("--check", "--config FILE", "relay", "--dev", "--check"),
        bad("--bind", "http_bind_addr", "relay", "--config", "x", "--bind", "127.0.0.1:0"),
        bad("--metrics-port", "0 to 65535", "relay", "--dev", "--metrics-port", "65536"),
        bad("--dns-origin", "--dns-server needs", "listen", "--dns-server", "127.0.0.1:53"),
        bad("--dns-server", "name server is", "listen", "--dns-server", "udp://x:1"),
        bad("--dns-origin", "not a DNS origin", "listen", "--dns-origin", "a..b"),
        bad("--dns-ca", "goes with", "listen", "--mdns", "--dns-ca", "absent.pem"),
        bad("--dns-ca", "absent.pem", "listen", "--dns-origin", "x.test", "--dns-ca", "absent.pem"),
        bad("--pkarr", "begins with https://", "listen", "--pkarr", "ftp://x.test/"),
        bad("--pkarr", "Illegal character", "listen", "--pkarr", "http://" + MEGABYTE + " /"),
        bad("--dht", "--dht-bootstrap HOST:PORT", "listen", "--dht"),
        bad("--dht-bootstrap", "goes with --dht", "listen", "--dht-bootstrap", "x.test:1"),
        bad("--dht-bootstrap", "HOST:PORT", "listen", "--dht", "--dht-bootstrap", "x.test"),
        bad("--publish", "relay, direct or all", "listen", "--mdns", "--publish", "none"),
        bad("--publish", "needs a way", "listen", "--dns-origin", "x.test", "--publish", "all"),
        bad("--user-data", "needs a way", "listen", "--user-data", "x"),
        bad("--user-data", "245 bytes", "listen", "--mdns", "--user-data", "x".repeat(246)),
        bad("a service to ask", "--dns-origin", "resolve", ID),
        bad("NODEID", "not a ticket", "resolve", "abc", "--mdns"),
        bad("--timeout", "1 to 30", "resolve", ID, "--mdns", "--timeout", "31"),
        bad("--bootstrap", "HOST:PORT", "dht", "--bootstrap", "x.test"),
        bad("--stun", "HOST[:PORT]", "listen", "--stun", "127.0.0.1:0"),
        bad("--stun", "HOST[:PORT]", "connect", ID, "--stun", "stun:3478:1"),
        bad("--jsn", "did you mean --json", "listen", "--jsn"),
        bad("dns", "needs --config FILE, or --dev", "dns"),
        bad("subcommand", "Missing required"));
  }

  private static Arguments bad(String where, String what, String... args) {
    return arguments(where, what, List.of(args));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("badArguments")
  void badInputIsOneSentenceThatNamesItsPlaceAndExitCodeTwo(
      String where, String what, List<String> args) {
    InProcess plain = InProcess.run(args.toArray(String[]::new));

    assertThat(plain.exitCode()).isEqualTo(2);
    assertThat(plain.stdout()).isEmpty();
    assertThat(plain.stderr()).hasSize(1);
    assertThat(plain.stderr().get(0)).startsWith("warren: ").contains(where, what);
    assertThat(plain.stderr().get(0).length()).isLessThan(2200);
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("badArguments")
  void withJsonBadInputIsAnErrorEventAsWell(String where, String what, List<String> args) {
    List<String> all = new ArrayList<>(args);
    all.add("--json");
    InProcess json = InProcess.run(all.toArray(String[]::new));

    assertThat(json.exitCode()).isEqualTo(2);
    assertThat(json.stdout()).hasSize(1);
    Map<String, Object> event = Json.object(json.stdout().get(0));
    assertThat(event).containsEntry("event", "error").containsEntry("kind", "usage");
    assertThat(json.stderr()).containsExactly("warren: " + event.get("message"));
  }

  private InProcess withKeyFile(String content, String permissions) throws IOException {
    Path key = temp.resolve("key");
    Files.writeString(key, content);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(permissions));
    InProcess run =
        InProcess.run("listen", "--secret-key", key.toString(), "--qlog", qlog().toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.stderr()).hasSize(1);
    assertThat(run.stderr().get(0)).contains(key.toString());
    assertThat(Files.readString(key)).isEqualTo(content);
    assertThat(qlog()).doesNotExist();
    return run;
  }

  private Path qlog() {
    return temp.resolve("qlog");
  }

  @Test
  void aKeyFileThatHoldsNoKeyIsNamedAndLeftAlone() throws IOException {
    assertThat(withKeyFile("hello\n", "rw-------").stderr().get(0)).contains("characters");
  }

  @Test
  void anEmptyKeyFileIsNamedAndLeftAlone() throws IOException {
    withKeyFile("", "rw-------");
  }

  @Test
  void aKeyFileOfAMegabyteIsRefusedByItsSize() throws IOException {
    assertThat(withKeyFile(MEGABYTE, "rw-------").stderr().get(0)).contains("1048576 bytes");
  }

  @Test
  void aKeyFileThatOthersCanReadIsRefusedWithItsMode() throws IOException {
    String key = HexFormat.of().formatHex(SecretKey.generate().toBytes());
    InProcess run = withKeyFile(key, "rw-r--r--");
    assertThat(run.stderr().get(0)).contains("read by others", "rw-r--r--", "chmod 600");
    assertThat(run.stderr().get(0)).doesNotContain(key);
  }

  @Test
  void aKeyFileInAFolderThatDoesNotExistIsNotMade() {
    Path key = temp.resolve("absent").resolve("key");
    InProcess run = InProcess.run("id", "--secret-key", key.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.stderr().get(0)).contains(key.toString(), "does not exist");
    assertThat(key.getParent()).doesNotExist();
  }

  @Test
  void whereSomethingElseIsWrongNoKeyIsMade() {
    Path key = temp.resolve("key");
    InProcess run =
        InProcess.run("listen", "--secret-key", key.toString(), "--idle-timeout", "9999");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(key).doesNotExist();
  }

  @Test
  void aKeyIsMadeOnceReadableByItsOwnerAndLoadedFromThenOn() throws IOException {
    Path key = temp.resolve("key");
    InProcess made = InProcess.run("id", "--json", "--secret-key", key.toString());
    InProcess loaded = InProcess.run("id", "--json", "--secret-key", key.toString());
    assertThat(made.exitCode()).isZero();
    assertThat(loaded.stdout()).isEqualTo(made.stdout());
    assertThat(Json.object(made.stdout().get(0))).containsKeys("event", "id", "z32");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
  }

  @Test
  void theProgramAsAProcessEndsWithCodeTwoAndSaysItOnBothStreams() throws IOException {
    try (WarrenProcess wrong = WarrenProcess.start("connect", "nodeabc", "--json")) {
      wrong.assertExit(2);
      assertThat(wrong.events()).hasSize(1);
      assertThat(wrong.await("error")).containsEntry("kind", "usage");
      assertThat(wrong.stderr()).startsWith("warren: ").contains("TARGET");
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandSaysItsHelp(String command) {
    InProcess help = InProcess.run(command, "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.stderr()).isEmpty();
    assertThat(String.join("\n", help.stdout())).contains("Usage: warren " + command, "--json");
  }

  static Stream<String> commands() {
    return Stream.of(
        "demo", "id", "listen", "connect", "send", "receive", "resolve", "relay", "dht");
  }
}
