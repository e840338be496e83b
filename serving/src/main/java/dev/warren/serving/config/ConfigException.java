package dev.warren.serving.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration file cannot be used; says everything that is wrong with it, with lines. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  /**
   * One thing that is wrong.
   *
   * @param line of the file, from 1; 0 if it is not about a line
   */
  public record Problem(int line, String message) {}

  public ConfigException(String file, List<Problem> problems) {
    super(
        problems.stream()
            .map(p -> file + (p.line() == 0 ? "" : ":" + p.line()) + ": " + p.message())
            .collect(Collectors.joining("; ")));
    this.problems = List.copyOf(problems);
  }

  public ConfigException(String file, String message) {
    this(file, List.of(new Problem(0, message)));
  }

  /** In the order of their lines, never empty. */
  public List<Problem> problems() {
    return problems;
  }
}
