package dev.warren.serving.config;

import dev.warren.base.SocketAddrs;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * The values of a file by their keys. Does not stop at the first thing that is wrong: all of it is
 * collected, and a value that is wrong reads as absent. Not thread-safe.
 */
public final class ConfigReader {
  /** A text with the line that it is on. */
  public record Located(int line, String text) {}

  /** Ten times those of a file with every key. */
  private static final int MOST_BRACKETS = 500;

  private final List<? extends ConfigKey> keys;
  private final TomlParseResult toml;
  private final List<ConfigException.Problem> problems = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  /**
   * @param keys all that the file may have
   */
  public ConfigReader(String text, List<? extends ConfigKey> keys) {
    this.keys = keys;
    // The parser goes down one call for each bracket, and the stack ends somewhere.
    boolean nested = text.chars().filter(c -> c == '[' || c == '{').count() > MOST_BRACKETS;
    if (nested) {
      problem(0, "has more than " + MOST_BRACKETS + " brackets: no server needs so many");
    }
    toml = Toml.parse(nested ? "" : text);
    for (TomlParseError e : toml.errors()) {
      problem(e.position().line(), "not TOML: " + e.getMessage());
    }
    if (problems.isEmpty()) {
      rejectUnknown(toml, "");
    }
  }

  private void rejectUnknown(TomlTable table, String prefix) {
    for (String name : table.keySet()) {
      String path = prefix + (name.contains(".") ? '"' + name + '"' : name);
      Object value = table.get(List.of(name));
      if (value instanceof TomlTable inner && isTable(path)) {
        rejectUnknown(inner, path + ".");
      } else if (known(path).isEmpty() && !isTable(path)) {
        problem(
            line(table.inputPositionOf(List.of(name))),
            "unknown key " + path + "; the nearest known key is " + NearestKey.to(path, keys));
      } else if (known(path).isEmpty()) {
        problem(
            line(table.inputPositionOf(List.of(name))),
            path + " is a table, as in [" + path + "], not " + shown(value));
      }
    }
  }

  private boolean isTable(String path) {
    return keys().anyMatch(k -> k.path().startsWith(path + "."));
  }

  private Optional<? extends ConfigKey> known(String path) {
    return keys().filter(k -> k.path().equals(path)).findFirst();
  }

  private Stream<? extends ConfigKey> keys() {
    return keys.stream();
  }

  /** Whether the file has that key, right or wrong. */
  public boolean has(ConfigKey key) {
    return value(key) != null;
  }

  /** Whether the file has that table, even if it is empty. */
  public boolean hasTable(String name) {
    return toml.get(List.of(name)) instanceof TomlTable;
  }

  public boolean isEmptyTable(String name) {
    return toml.get(List.of(name)) instanceof TomlTable table && table.isEmpty();
  }

  public Optional<Boolean> bool(ConfigKey key) {
    return of(key, Boolean.class);
  }

  /** Within the bounds of its key. */
  public OptionalLong integer(ConfigKey key) {
    Optional<Long> value = of(key, Long.class);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    if (value.get() < key.min() || value.get() > key.max()) {
      problem(key, "is " + key.min() + " to " + key.max() + ", not " + value.get());
      return OptionalLong.empty();
    }
    return OptionalLong.of(value.get());
  }

  /** Within the bounds of its key. */
  public OptionalDouble number(ConfigKey key) {
    Object value = value(key);
    if (value == null) {
      return OptionalDouble.empty();
    }
    if (!(value instanceof Number)) {
      wrongType(key, value);
      return OptionalDouble.empty();
    }
    double number = ((Number) value).doubleValue();
    if (!(number > key.min() && number <= key.max())) {
      problem(key, "is more than " + key.min() + ", at most " + key.max() + ", not " + value);
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(number);
  }

  /** Whether the file has that key, and nothing was found wrong with its line so far. */
  public boolean isRight(ConfigKey key) {
    return has(key) && problems.stream().noneMatch(p -> p.line() == line(key));
  }

  /** Never empty. */
  public Optional<String> text(ConfigKey key) {
    Optional<String> value = of(key, String.class);
    if (value.isPresent() && value.get().isBlank()) {
      problem(key, "is empty");
      return Optional.empty();
    }
    return value;
  }

  /** One string, or a list of strings. */
  public Optional<List<Located>> texts(ConfigKey key) {
    Object value = value(key);
    if (value instanceof String text) {
      return Optional.of(List.of(new Located(line(key), text)));
    }
    Optional<TomlArray> array = of(key, TomlArray.class);
    if (array.isEmpty()) {
      return Optional.empty();
    }
    List<Located> texts = new ArrayList<>();
    for (int i = 0; i < array.get().size(); i++) {
      int line = line(array.get().inputPositionOf(i));
      if (array.get().get(i) instanceof String text) {
        texts.add(new Located(line, text));
      } else {
        problem(line, key.path() + " has strings, not " + shown(array.get().get(i)));
      }
    }
    return Optional.of(texts);
  }

  public Optional<InetSocketAddress> address(ConfigKey key) {
    return text(key)
        .flatMap(
            text -> {
              try {
                return Optional.of(SocketAddrs.parse(text));
              } catch (IllegalArgumentException e) {
                problem(key, "is \"IP:PORT\" or \"[IP]:PORT\": " + e.getMessage());
                return Optional.empty();
              }
            });
  }

  private <T> Optional<T> of(ConfigKey key, Class<T> type) {
    Object value = value(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      wrongType(key, value);
      return Optional.empty();
    }
    return Optional.of(type.cast(value));
  }

  private void wrongType(ConfigKey key, Object value) {
    problem(key, "is " + key.type().words + ", not " + shown(value));
  }

  private @Nullable Object value(ConfigKey key) {
    Object value = toml.get(key.segments());
    // "access" is a word, or a table that is read by its own keys.
    return value instanceof TomlTable && isTable(key.path()) ? null : value;
  }

  private static String shown(@Nullable Object value) {
    if (value instanceof TomlTable) {
      return "a table";
    }
    if (value instanceof TomlArray) {
      return "a list";
    }
    String text = value instanceof String ? "\"" + value + '"' : String.valueOf(value);
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  /** The line of a key, or 0. */
  public int line(ConfigKey key) {
    return line(toml.inputPositionOf(key.segments()));
  }

  public int lineOfTable(String name) {
    return line(toml.inputPositionOf(List.of(name)));
  }

  private static int line(@Nullable TomlPosition position) {
    return position == null ? 0 : position.line();
  }

  /** Something is wrong with the value of a key. */
  public void problem(ConfigKey key, String message) {
    problem(line(key), key.path() + " " + message);
  }

  public void problem(int line, String message) {
    problems.add(new ConfigException.Problem(line, message));
  }

  /** Something is right and has no effect. */
  public void remark(ConfigKey key, String message) {
    remarks.add("line " + line(key) + ": " + key.path() + " " + message);
  }

  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** Nothing if nothing is wrong. */
  public void throwIfWrong(String file) throws ConfigException {
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparingInt(ConfigException.Problem::line));
      throw new ConfigException(file, problems);
    }
  }
}
