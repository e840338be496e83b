package dev.warren.cli;

import java.util.List;
import org.tomlj.TomlPosition;

/**
 * Something that is wrong with a file.
 *
 * @param line from 1
 * @param column from 1
 */
record ConfigProblem(int line, int column, String message) {
  static ConfigProblem at(TomlPosition position, String message) {
    return new ConfigProblem(position.line(), position.column(), message);
  }

  /**
   * The parser gives an element of a list the place after the comma before it; people look for its
   * first character.
   */
  static ConfigProblem ofElement(String text, TomlPosition after, String message) {
    List<String> lines = text.lines().toList();
    int line = after.line();
    int column = after.column();
    while (line <= lines.size()) {
      String rest =
          lines.get(line - 1).substring(Math.min(column - 1, lines.get(line - 1).length()));
      int blanks = rest.length() - rest.stripLeading().length();
      if (blanks < rest.length() && rest.charAt(blanks) != '#') {
        return new ConfigProblem(line, column + blanks, message);
      }
      line++;
      column = 1;
    }
    return at(after, message);
  }

  /** What follows the name of the file. */
  String text() {
    return ":" + line + ":" + column + ": " + message;
  }
}
