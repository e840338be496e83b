package dev.warren.serving.config;

import java.util.Map;
import java.util.Optional;

/**
 * Variables that go before the file, so that a secret need not be in it. Each has two names, ours
 * and the field's (relay-server section 7, dns-server section 3): {@code WARREN_X} before {@code
 * IROH_X}.
 */
public record Environment(Map<String, String> variables) {
  private static final String[] PREFIXES = {"WARREN_", "IROH_"};

  /** The value of a variable by its name without prefix; one that is set must not be empty. */
  public Optional<String> get(String name, ConfigReader reader) {
    for (String prefix : PREFIXES) {
      String value = variables.get(prefix + name);
      if (value != null && value.isBlank()) {
        reader.problem(0, "the variable " + prefix + name + " is empty: unset it, or set a value");
        return Optional.empty();
      }
      if (value != null) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
