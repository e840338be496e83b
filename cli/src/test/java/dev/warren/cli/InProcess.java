package dev.warren.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The command in this process, where signals and the environment do not matter: much quicker than a
 * process. What it prints is caught, so such tests must not run beside others.
 */
record InProcess(int exitCode, List<String> stdout, List<String> stderr) {
  static InProcess run(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int exitCode = Warren.run(args);
      return new InProcess(exitCode, lines(outBytes), lines(errBytes));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Every line of standard output, each of which must be an event. */
  List<Map<String, Object>> events() {
    return stdout.stream().map(Json::object).toList();
  }

  /** The first event of a name. */
  Map<String, Object> event(String name) {
    return events().stream()
        .filter(e -> name.equals(e.get("event")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + this));
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
