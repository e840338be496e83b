package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.serving.config.ConfigException;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import picocli.CommandLine.ParseResult;

/** Any text has options, or what is wrong with it can be said. */
class OptionsFileProperties {
  /**
   * The grammar's automaton keeps what it has learnt, and a megabyte of text makes a large tree.
   */
  private static final long MEMORY = 4L << 30;

  @Provide
  Arbitrary<String> texts() {
    return HostileInput.text(
        "bind = ['127.0.0.1:0', \"[::1]:7\"]\nidle-timeout = 1_0\n",
        "relay = [ # ours\n 'https://relay.test/',\n 7 ]\n",
        "no-direct = true\nno_direct = false\n",
        "[connect]\nbytes = '64MiB'\ncount = 3000000000\n",
        "listen = { alpn = [ 'x/1' ] }\n\"alpn\" = 1979-05-27T07:32:00Z\n");
  }

  @Property(tries = 300)
  void anyTextHasOptionsOrProblemsWithTheirPlaces(@ForAll("texts") String text) throws Exception {
    check(text);
  }

  static void check(String text) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          ParseResult command = Warren.commandLine().parseArgs("listen").subcommand();
          try {
            List<ConfigProblem> problems =
                new OptionsFile(Path.of("warren.toml")).apply(command, text);
            assertThat(problems).allMatch(p -> p.line() > 0 && p.column() > 0);
          } catch (ConfigException wrong) {
            assertThat(wrong).hasMessageContaining("brackets");
          }
        });
  }
}
