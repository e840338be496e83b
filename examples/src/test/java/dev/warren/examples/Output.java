package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/** What a program prints. Replaces {@link System#out} meanwhile: one at a time. */
final class Output {
  interface Program {
    void run() throws Exception;
  }

  private Output() {}

  static String of(Program program) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(out);
    }
    return printed.toString(UTF_8);
  }
}
