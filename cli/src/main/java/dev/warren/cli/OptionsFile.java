package dev.warren.cli;

import dev.warren.serving.config.ConfigException;
import dev.warren.serving.config.ConfigText;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options of a command in a TOML file: each key is an option's name without its dashes, and a table
 * such as {@code [listen]} holds what is for {@code listen} alone. What the command line says goes
 * before. All of the file is checked, also the tables of other commands, and all that is wrong is
 * told.
 *
 * @param path is read once, when the command runs
 */
record OptionsFile(Path path) {
  static final String OPTION = "--config";

  /** The parser goes down one call for each bracket, and the stack ends somewhere. */
  private static final int MOST_BRACKETS = 500;

  /** Options of which one alone makes sense: the command line's replaces the file's. */
  private static final List<Set<String>> EITHER =
      List.of(Set.of("--relay-token", "--relay-token-file"));

  static OptionsFile of(String text) {
    return new OptionsFile(Values.path(text));
  }

  /** Sets the options of the command that was asked for, and runs it. The exit code comes back. */
  static int execute(ParseResult parsed) {
    ParseResult command = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
    Optional<String> fault = apply(command);
    if (fault.isPresent()) {
      return Failures.wrongFile(fault.get(), command.matchedOptionValue("--json", false));
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Sets the options of a command from its file, if it has one; says what is wrong with it. */
  static Optional<String> apply(ParseResult command) {
    boolean helps = command.isUsageHelpRequested() || command.isVersionHelpRequested();
    Object value = command.matchedOptionValue(OPTION, null);
    if (helps || !(value instanceof OptionsFile file)) {
      return Optional.empty();
    }
    try {
      List<ConfigProblem> problems = file.apply(command, ConfigText.read(file.path));
      return problems.isEmpty() ? Optional.empty() : Optional.of(file.describe(problems));
    } catch (ConfigException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private String describe(List<ConfigProblem> problems) {
    return problems.stream()
        .sorted(Comparator.comparingInt(ConfigProblem::line))
        .map(p -> path + p.text())
        .collect(Collectors.joining("; "));
  }

  /** Sets the options of a command from a text, unless something is wrong with it. */
  List<ConfigProblem> apply(ParseResult command, String text) throws ConfigException {
    if (text.chars().filter(c -> c == '[' || c == '{').count() > MOST_BRACKETS) {
      throw new ConfigException(path.toString(), "has more than " + MOST_BRACKETS + " brackets");
    }
    TomlParseResult toml = Toml.parse(text);
    if (toml.hasErrors()) {
      return toml.errors().stream()
          .map(e -> ConfigProblem.at(e.position(), "not TOML: " + e.getMessage()))
          .toList();
    }
    OptionsFileReader reader = new OptionsFileReader(command.commandSpec(), text);
    reader.read(toml);
    if (reader.problems().isEmpty()) {
      reader.values().forEach((option, value) -> set(command, option, value));
    }
    return reader.problems();
  }

  private static void set(ParseResult command, OptionSpec option, Object value) {
    boolean replaced =
        EITHER.stream()
            .filter(group -> group.contains(option.longestName()))
            .flatMap(Set::stream)
            .anyMatch(command::hasMatchedOption);
    if (!replaced && !command.hasMatchedOption(option)) {
      option.setValue(value);
    }
  }
}
