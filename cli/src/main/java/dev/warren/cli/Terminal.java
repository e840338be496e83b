package dev.warren.cli;

import java.io.Console;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a person sits at. Java cannot tell whether standard error is a terminal, nor how wide it is;
 * {@code sh} and {@code stty} can. Stateless.
 */
final class Terminal {
  private static final int DEFAULT_COLUMNS = 80;
  private static final long ASK_SECONDS = 2;

  private Terminal() {}

  /** Columns of the terminal that standard error goes to; 0 if it goes elsewhere. */
  static int columns() {
    try {
      Process asked =
          new ProcessBuilder("sh", "-c", "test -t 2 && { stty size <&2 2>/dev/null || echo 0 0; }")
              .redirectInput(Redirect.from(new java.io.File("/dev/null")))
              .redirectError(Redirect.INHERIT)
              .start();
      if (!asked.waitFor(ASK_SECONDS, TimeUnit.SECONDS)) {
        asked.destroyForcibly();
        return 0;
      }
      byte[] answer = asked.getInputStream().readAllBytes();
      return columns(new String(answer, StandardCharsets.US_ASCII));
    } catch (IOException noShell) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** From rows and columns as {@code stty} prints them; a serial line knows neither. */
  static int columns(String size) {
    String[] words = size.strip().split(" ");
    if (words.length != 2 || !words[1].matches("\\d{1,5}")) {
      return 0;
    }
    int columns = Integer.parseInt(words[1]);
    return columns == 0 ? DEFAULT_COLUMNS : columns;
  }

  /** Whom to ask a question; null if nobody is there. */
  static @Nullable Console console() {
    Console console = System.console();
    return console != null && isTerminal(console) ? console : null;
  }

  /** JDK 22 and later have a console even without a terminal, and a method that says so. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException always) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
