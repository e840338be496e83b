package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.SecretKey;
import dev.warren.core.PathInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** {@code --config FILE} of the commands with an endpoint. */
class OptionsFileTest {
  private static final String ID = SecretKey.generate().nodeId().toString();
  private static final List<String> COMMANDS =
      List.of("listen", "connect", "send", "receive", "resolve");

  @TempDir Path temp;

  private Path file(String content) throws IOException {
    return Files.writeString(temp.resolve("warren.toml"), content);
  }

  /** The options of a command, read but not run. */
  private Map<String, Object> options(String content, String... args) throws IOException {
    Path file = file(content);
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--config", file.toString()));
    CommandLine commands = Warren.commandLine();
    CommandLine.ParseResult parsed = commands.parseArgs(all.toArray(String[]::new));
    assertThat(OptionsFile.apply(parsed.subcommand())).isEmpty();
    Map<String, Object> options = new TreeMap<>();
    for (OptionSpec option : parsed.subcommand().commandSpec().options()) {
      options.put(option.longestName(), option.getValue());
    }
    return options;
  }

  @ParameterizedTest
  @MethodSource("commandsWithAnEndpoint")
  void everyOptionOfTheCommandHasItsKey(String command) throws IOException {
    CommandLine spec = Warren.commandLine().getSubcommands().get(command);
    StringBuilder content = new StringBuilder();
    List<String> names = new ArrayList<>();
    for (OptionSpec option : spec.getCommandSpec().options()) {
      String name = option.longestName();
      if (!List.of("--config", "--help", "--version").contains(name)) {
        content.append(name.substring(2)).append(" = ").append(example(option)).append('\n');
        names.add(name);
      }
    }
    List<String> args = new ArrayList<>(List.of(command));
    if (!command.equals("listen")) {
      args.add(command.equals("send") ? "file" : ID);
    }

    Map<String, Object> options = options(content.toString(), args.toArray(String[]::new));

    assertThat(names).hasSizeGreaterThan(8);
    for (String name : names) {
      OptionSpec option = spec.getCommandSpec().findOption(name);
      assertThat(options.get(name)).as(name).isNotEqualTo(option.initialValue());
    }
  }

  static Stream<String> commandsWithAnEndpoint() {
    return COMMANDS.stream();
  }

  /** Values that are no default, by type; all else takes a URL. */
  private static final Map<Class<?>, String> EXAMPLES =
      Map.of(
          boolean.class, "true",
          int.class, "7",
          Duration.class, "7",
          ByteCount.class, "7",
          LoopbackPort.class, "7",
          InetSocketAddress.class, "\"127.0.0.1:7\"",
          PathInfo.Type.class, "\"relay\"",
          Published.class, "\"all\"",
          DhtHost.class, "\"localhost:7\"",
          StunServer.class, "\"localhost:7\"");

  private static String example(OptionSpec option) {
    Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    String one = EXAMPLES.getOrDefault(type, "\"http://localhost:7\"");
    return option.isMultiValue() ? "[" + one + ", " + one + "]" : one;
  }

  @Test
  void whatTheCommandLineSaysGoesBeforeTheFileAndReplacesItsLists() throws IOException {
    String content =
        """
        relay = ["http://a.test", "http://b.test"]
        no-direct = true
        relay-token = "of the file"
        idle-timeout = 60
        """;
    Map<String, Object> options =
        options(
            content,
            "listen",
            "--relay",
            "http://c.test",
            "--no-direct=false",
            "--relay-token-file",
            "token");

    assertThat(options)
        .containsEntry("--relay", List.of("http://c.test"))
        .containsEntry("--no-direct", false)
        .containsEntry("--relay-token-file", Path.of("token"))
        .containsEntry("--idle-timeout", Duration.ofSeconds(60));
    assertThat(options.get("--relay-token")).isNull();
  }

  @Test
  void aTableOfACommandIsForThatCommandAloneAndGoesBeforeTheRest() throws IOException {
    String content =
        """
        idle_timeout = 60
        relay = "http://a.test"
        overwrite = true
        [listen]
        alpn = ["x/1"]
        idle-timeout = 61
        [connect]
        bytes = "64MiB"
        timeout = 5
        """;

    assertThat(options(content, "listen"))
        .containsEntry("--idle-timeout", Duration.ofSeconds(61))
        .containsEntry("--relay", List.of("http://a.test"))
        .hasEntrySatisfying("--alpn", v -> assertThat(v.toString()).isEqualTo("[x/1]"));
    assertThat(options(content, "connect", ID))
        .containsEntry("--idle-timeout", Duration.ofSeconds(60))
        .containsEntry("--bytes", new ByteCount(64 << 20))
        .containsEntry("--timeout", Duration.ofSeconds(5));
  }

  static Stream<Arguments> wrongFiles() {
    return Stream.of(
        arguments("relay = 7", ":1:1: relay: is a string or a list of strings, not 7"),
        arguments("\nrelay = [\"http://a\",\n  true]", ":3:3: relay: is a string"),
        arguments("no-direct = \"yes\"", ":1:1: no-direct: is true or false, not \"yes\""),
        arguments("idle-timeout = 1.5", "idle-timeout: is a whole number, not 1.5"),
        arguments("idle-timeout = \"10\"", "idle-timeout: is a whole number, not \"10\""),
        arguments("idle-timeout = -1", "idle-timeout: not a number of whole seconds: -1"),
        arguments("bind = [\"localhost:1\"]", ":1:9: bind: "),
        arguments("secret-key = \"\"", "secret-key: an empty file name"),
        arguments(
            "  no-dirct = true", ":1:3: unknown key no-dirct; the nearest known key is no-direct"),
        arguments("[listen]\ntimeout = 5", ":2:1: unknown key timeout; the nearest known key is"),
        arguments("timeout = true", ":1:1: timeout: is a whole number, not true"),
        arguments("config = \"x\"", "unknown key config"),
        arguments("no-direct = true\nno_direct = false", ":2:1: no_direct is there twice"),
        arguments("listen = true", ":1:1: listen is a table, as in [listen]"),
        arguments("[relay]\nurl = \"x\"", "relay: is a string or a list of strings, not a table"),
        arguments("[connect]\ncount = 3000000000", ":2:1: count: too large: 3000000000"),
        arguments("[connect]\nbytes = \"5XB\"", ":2:1: bytes: "),
        arguments("[listn]\nalpn = \"x\"", "unknown key listn; the nearest known key is listen"),
        arguments("bind = [ # one\n\n\"x:1\"]", ":3:1: bind: "),
        arguments("pkarr = [\"http://a/pkarr\", \"b\"]", ":1:28: pkarr: a URL begins with"),
        arguments("relay = ", ":1:9: not TOML"),
        arguments("bind = 1\n\n no-direct = 2", ":3:2: no-direct: is true or false, not 2"),
        arguments("x = " + "[".repeat(501), "more than 500 brackets"),
        arguments("#" + "x".repeat(4 << 20), "larger than 4194304 bytes"));
  }

  @ParameterizedTest
  @MethodSource("wrongFiles")
  void whatIsWrongIsToldWithLineAndColumnAndExitCodeTwo(String content, String what)
      throws IOException {
    Path file = file(content);
    InProcess run = InProcess.run("listen", "--json", "--config", file.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.event("error")).containsEntry("kind", "config");
    assertThat(run.events()).hasSize(1);
    assertThat(run.stderr()).hasSize(1);
    assertThat(run.stderr().get(0)).startsWith("warren: " + file).contains(what);
  }

  @Test
  void allThatIsWrongIsToldAtOnce() throws IOException {
    Path file = file("[send]\nonce = 1\n[listen]\nbind = 7\nxyzzy = 1\n");
    InProcess run = InProcess.run("listen", "--config", file.toString());
    assertThat(run.stderr().get(0)).contains(":2:1: once", ":4:1: bind", ":5:1: unknown key xyzzy");
  }

  @Test
  void aFileThatIsNotThereOrNoTextIsNamed() throws IOException {
    Path absent = temp.resolve("absent.toml");
    assertThat(InProcess.run("listen", "--config", absent.toString()).stderr())
        .containsExactly("warren: " + absent + ": there is no such file");
    assertThat(InProcess.run("listen", "--config", temp.toString()).stderr())
        .containsExactly("warren: " + temp + ": is a folder, not a configuration file");
    Path binary = Files.write(temp.resolve("binary"), new byte[] {(byte) 0xff, 0});
    assertThat(InProcess.run("listen", "--config", binary.toString()).stderr())
        .containsExactly("warren: " + binary + ": is not UTF-8 text");
  }

  @Test
  void aValueOfTheFileThatMakesNoSenseIsAsWrongAsOnTheCommandLine() throws IOException {
    Path file = file("idle-timeout = 601\njson = true\n");
    InProcess run = InProcess.run("listen", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.event("error")).containsEntry("kind", "usage");
    assertThat(run.stderr().get(0)).contains("--idle-timeout", "1 to 600");
  }

  @Test
  void theOptionsOfAFileAreThoseThatTheCommandRunsWith() throws IOException {
    Path qlog = temp.resolve("qlog");
    Path file =
        file("json = true\nrelay = \"none\"\n[connect]\ntimeout = 1\nqlog = \"" + qlog + "\"\n");
    String ticket =
        NodeTicket.of(
                NodeAddr.of(SecretKey.generate().nodeId())
                    .withIp(new InetSocketAddress("127.0.0.1", 9)))
            .toString();
    long start = System.nanoTime();
    InProcess run = InProcess.run("connect", ticket, "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.event("error")).containsEntry("kind", "unreachable");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    assertThat(qlog).isDirectory();
  }

  @Test
  void helpIsSaidWithoutReadingTheFile() {
    InProcess run = InProcess.run("listen", "--config", "absent.toml", "--help");
    assertThat(run.exitCode()).isZero();
  }
}
