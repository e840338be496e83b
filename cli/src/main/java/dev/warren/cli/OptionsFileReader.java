package dev.warren.cli;

import dev.warren.serving.config.NearestKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a file says to one command, and what is wrong with it. Not thread-safe. */
final class OptionsFileReader {
  private static final Set<String> NOT_IN_FILES = Set.of(OptionsFile.OPTION, "--help", "--version");

  private final CommandSpec command;
  private final String text;

  /** All that take such a file, by name. */
  private final Map<String, CommandSpec> commands;

  private final List<ConfigProblem> problems = new ArrayList<>();
  private final Map<OptionSpec, Object> values = new LinkedHashMap<>();

  /**
   * @param text of the file, for places in it
   */
  OptionsFileReader(CommandSpec command, String text) {
    this.command = command;
    this.text = text;
    this.commands =
        Objects.requireNonNull(command.parent()).subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(OptionsFileReader::takesFile)
            .distinct()
            .collect(Collectors.toMap(CommandSpec::name, spec -> spec));
  }

  private static boolean takesFile(CommandSpec spec) {
    OptionSpec option = spec.findOption(OptionsFile.OPTION);
    return option != null && option.type() == OptionsFile.class;
  }

  List<ConfigProblem> problems() {
    return List.copyOf(problems);
  }

  /** What is right, by option of the command. */
  Map<OptionSpec, Object> values() {
    return Map.copyOf(values);
  }

  void read(TomlTable file) {
    Set<String> tables = new HashSet<>(file.keySet());
    tables.retainAll(commands.keySet());
    readKeys(file, command, values, tables);
    for (String name : tables) {
      CommandSpec spec = Objects.requireNonNull(commands.get(name));
      if (file.get(List.of(name)) instanceof TomlTable table) {
        // After the keys that are for all: a command's own go before them.
        readKeys(table, spec, spec == command ? values : new HashMap<>(), Set.of());
      } else {
        problem(position(file, name), name + " is a table, as in [" + name + "]");
      }
    }
  }

  private void readKeys(
      TomlTable table, CommandSpec spec, Map<OptionSpec, Object> into, Set<String> without) {
    Set<OptionSpec> seen = new HashSet<>();
    for (String name : table.keySet()) {
      OptionSpec option = option(spec, name);
      if (without.contains(name)) {
        continue;
      }
      if (option == null) {
        problem(position(table, name), unknown(spec, name));
      } else if (!seen.add(option)) {
        problem(position(table, name), name + " is there twice, with \"-\" and with \"_\"");
      } else {
        new OptionValue(name, option, text, problems)
            .read(Objects.requireNonNull(table.get(List.of(name))), position(table, name))
            .ifPresent(value -> into.put(option, value));
      }
    }
  }

  /** Servers' files have "_" where options have "-": either will do. */
  private static @Nullable OptionSpec option(CommandSpec spec, String key) {
    String name = "--" + key.replace('_', '-');
    return NOT_IN_FILES.contains(name) ? null : spec.findOption(name);
  }

  private String unknown(CommandSpec spec, String key) {
    List<String> owners =
        commands.values().stream()
            .filter(other -> option(other, key) != null)
            .map(CommandSpec::name)
            .sorted()
            .toList();
    if (!owners.isEmpty()) {
      return spec.name()
          + " has no option "
          + key
          + "; what is for "
          + String.join(", ", owners)
          + " alone goes into a table ["
          + owners.get(0)
          + "]";
    }
    List<String> known =
        Stream.concat(names(spec), spec == command ? commands.keySet().stream() : Stream.empty())
            .toList();
    String nearest = NearestKey.among(key.replace('_', '-'), known);
    return "unknown key " + key + "; the nearest known key is " + nearest;
  }

  private static Stream<String> names(CommandSpec spec) {
    return spec.options().stream()
        .map(OptionSpec::longestName)
        .filter(name -> !NOT_IN_FILES.contains(name))
        .map(name -> name.substring(2));
  }

  private static TomlPosition position(TomlTable table, String name) {
    return Objects.requireNonNull(table.inputPositionOf(List.of(name)));
  }

  private void problem(TomlPosition position, String message) {
    problems.add(ConfigProblem.at(position, message));
  }
}
