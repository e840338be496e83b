package dev.warren.cli;

import dev.warren.serving.config.NearestKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private final Map<CommandSpec, TomlTable> tables = new LinkedHashMap<>();
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
    for (String name : file.keySet()) {
      CommandSpec owner = commands.get(name);
      Object value = file.get(List.of(name));
      if (owner == null) {
        continue;
      }
      if (value instanceof TomlTable table) {
        tables.put(owner, table);
      } else {
        problem(position(file, name), name + " is a table, as in [" + name + "]");
      }
    }
    readKeys(file, withOthers(), values);
    // After the keys that are for all: a command's own go before them.
    tables.forEach(
        (owner, table) ->
            readKeys(table, List.of(owner), owner == command ? values : new HashMap<>()));
  }

  /** A key for all may be of no use to this command, and be what another needs. */
  private List<CommandSpec> withOthers() {
    return Stream.concat(Stream.of(command), commands.values().stream()).distinct().toList();
  }

  /**
   * @param specs whose options the keys may be; those of the first go into the map
   */
  private void readKeys(TomlTable table, List<CommandSpec> specs, Map<OptionSpec, Object> into) {
    Set<String> seen = new HashSet<>();
    for (String name : table.keySet()) {
      if (specs.size() > 1 && commands.containsKey(name)) {
        continue;
      }
      TomlPosition position = position(table, name);
      OptionSpec option = option(specs, name);
      if (option == null) {
        problem(position, unknown(specs, name));
      } else if (!seen.add(option.longestName())) {
        problem(position, name + " is there twice, with \"-\" and with \"_\"");
      } else {
        Object value = Objects.requireNonNull(table.get(List.of(name)));
        Optional<Object> read = new OptionValue(name, option, text, problems).read(value, position);
        if (read.isPresent() && specs.get(0).options().contains(option)) {
          into.put(option, read.get());
        }
      }
    }
  }

  private static @Nullable OptionSpec option(List<CommandSpec> specs, String key) {
    return specs.stream()
        .map(spec -> option(spec, key))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Servers' files have "_" where options have "-": either will do. */
  private static @Nullable OptionSpec option(CommandSpec spec, String key) {
    String name = "--" + key.replace('_', '-');
    return NOT_IN_FILES.contains(name) ? null : spec.findOption(name);
  }

  private String unknown(List<CommandSpec> specs, String key) {
    Stream<String> known = specs.stream().flatMap(OptionsFileReader::names);
    Stream<String> tableNames = specs.size() > 1 ? commands.keySet().stream() : Stream.empty();
    String nearest =
        NearestKey.among(
            key.replace('_', '-'), Stream.concat(known, tableNames).distinct().toList());
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
