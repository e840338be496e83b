package dev.warren.cli;

import picocli.CommandLine.Option;

/** How every command speaks. */
final class OutputOptions {
  @Option(
      names = "--json",
      description = "print one JSON object per line on standard output instead of sentences")
  boolean json;

  Output output() {
    return new Output(json, System.out);
  }
}
