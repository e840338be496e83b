package dev.warren.serving.config;

import java.util.List;

/** A key that a configuration file may have: one constant of a server's enum. Immutable. */
public interface ConfigKey {
  /** Dotted. */
  String path();

  Type type();

  /** Least value of a number. */
  long min();

  /** Greatest value of a number. */
  long max();

  /** What holds without it, in words for the reference. */
  String byDefault();

  default List<String> segments() {
    return List.of(path().split("\\."));
  }

  /** What a value must be. */
  enum Type {
    BOOLEAN("true or false"),
    INTEGER("a whole number"),
    TEXT("a string"),
    /** A list of strings, or one string alone. */
    TEXTS("a list of strings"),
    ADDRESS("an address \"IP:PORT\""),
    /** A float, or a whole number. */
    NUMBER("a number");

    final String words;

    Type(String words) {
      this.words = words;
    }
  }
}
