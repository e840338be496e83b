package dev.warren.cli;

import dev.warren.base.PeerException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What becomes of a failure: one sentence on standard error, an {@code error} event with {@code
 * --json}, an exit code. Stateless.
 */
final class Failures {
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  /** A message quotes what was typed: of something longer, its two ends are shown. */
  private static final int MAX_MESSAGE = 2000;

  private Failures() {}

  /** The command line cannot be parsed, or its values do not make sense. */
  static int misused(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    String message =
        wrong.getMessage()
            + suggestion(wrong)
            + " (see "
            + command.getCommandSpec().qualifiedName()
            + " --help)";
    return report("usage", message, asksForJson(args), MISUSED);
  }

  private static String suggestion(ParameterException wrong) {
    List<String> near =
        wrong instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return near.isEmpty() ? "" : ", did you mean " + near.get(0) + "?";
  }

  /** Parsing has failed, so the option is looked for by hand. */
  private static boolean asksForJson(String[] args) {
    List<String> all = Arrays.asList(args);
    int end = all.indexOf("--");
    return all.subList(0, end < 0 ? all.size() : end).contains("--json");
  }

  /** Whether the command line or a file asks for it. */
  private static boolean asksForJson(CommandLine command) {
    OptionSpec option = command.getCommandSpec().findOption("--json");
    return option != null && Boolean.TRUE.equals(option.getValue());
  }

  /** A configuration file cannot be used. */
  static int wrongFile(String message, boolean json) {
    return report("config", message, json, MISUSED);
  }

  /** The command ended with an exception. */
  static int failed(Exception failure, CommandLine command, CommandLine.ParseResult ignored) {
    boolean json = asksForJson(command);
    if (failure instanceof UsageException) {
      return report("usage", failure.getMessage(), json, MISUSED);
    }
    if (failure instanceof RelayRefusedException) {
      return report("relay-auth", failure.getMessage(), json, FAILED);
    }
    if (failure instanceof PeerException p) {
      return report(p.kind().label(), p.getMessage(), json, FAILED);
    }
    return failure instanceof IOException
        ? report("io", failure.getMessage(), json, FAILED)
        : report("internal", failure.toString(), json, FAILED);
  }

  /** What came over a connection is not what was sent. */
  static int mismatched(long mismatches, boolean json) {
    String message =
        "what arrived is not what was sent: " + mismatches + " bytes, lengths or hashes differ";
    return report("mismatch", message, json, FAILED);
  }

  /** Tells it in both forms; the exit code comes back. */
  static int report(String kind, String text, boolean json, int exitCode) {
    String message = shown(String.valueOf(text));
    if (json) {
      new Output(true, System.out).event("error", null, "kind", kind, "message", message);
    }
    System.err.println("warren: " + message);
    return exitCode;
  }

  /** One line of bounded length. */
  private static String shown(String text) {
    int half = MAX_MESSAGE / 2;
    String ends =
        text.length() <= MAX_MESSAGE
            ? text
            : text.substring(0, half) + " … " + text.substring(text.length() - half);
    return Output.shown(ends.strip());
  }
}
