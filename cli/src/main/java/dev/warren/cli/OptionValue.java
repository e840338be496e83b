package dev.warren.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** From a value in a file to that of an option. Adds to the problems what is wrong with it. */
final class OptionValue {
  private final String key;
  private final OptionSpec option;
  private final String text;
  private final List<ConfigProblem> problems;

  /** Of one value, also where the option has several. */
  private final Class<?> type;

  OptionValue(String key, OptionSpec option, String text, List<ConfigProblem> problems) {
    this.key = key;
    this.option = option;
    this.text = text;
    this.problems = problems;
    this.type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
  }

  /** Empty if something is wrong. */
  Optional<Object> read(Object value, TomlPosition position) {
    if (option.isMultiValue() && value instanceof TomlArray array) {
      return all(array);
    }
    try {
      Object one = converted(value);
      return Optional.of(option.isMultiValue() ? new ArrayList<>(List.of(one)) : one);
    } catch (TypeConversionException e) {
      problems.add(ConfigProblem.at(position, key + ": " + e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Object> all(TomlArray array) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      try {
        values.add(converted(Objects.requireNonNull(array.get(i))));
      } catch (TypeConversionException e) {
        String message = key + ": " + e.getMessage();
        problems.add(ConfigProblem.ofElement(text, array.inputPositionOf(i), message));
      }
    }
    return values.size() == array.size() ? Optional.of(values) : Optional.empty();
  }

  private Object converted(Object value) {
    if (type == boolean.class) {
      return value instanceof Boolean ? value : wrongType("true or false", value);
    }
    if (type == ByteCount.class && value instanceof Long) {
      return Converters.convert(type, value.toString());
    }
    if (type == int.class || type == Duration.class || type == LoopbackPort.class) {
      return value instanceof Long n ? number(n) : wrongType("a whole number", value);
    }
    return value instanceof String text
        ? Converters.convert(type, text)
        : wrongType(option.isMultiValue() ? "a string or a list of strings" : "a string", value);
  }

  private Object number(long n) {
    if (type != int.class) {
      return Converters.convert(type, Long.toString(n));
    }
    if (n != (int) n) {
      throw new TypeConversionException("too large: " + n);
    }
    return (int) n;
  }

  private static Object wrongType(String wanted, Object value) {
    throw new TypeConversionException("is " + wanted + ", not " + shown(value));
  }

  private static String shown(Object value) {
    if (value instanceof TomlTable) {
      return "a table";
    }
    if (value instanceof TomlArray) {
      return "a list";
    }
    String text = value instanceof String ? "\"" + value + '"' : String.valueOf(value);
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
