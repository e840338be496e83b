package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is printed when something is wrong. */
class FailuresTest {
  @Test
  void whatActsOnATerminalIsNotPrinted() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream err = System.err;
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      int code = Warren.run("connect", "00".repeat(32), "--addr", "\u009b31m\u202e\u0007:1");
      assertThat(code).isEqualTo(2);
    } finally {
      System.setErr(err);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("31m")
        .doesNotContain("\u009b", "\u202e", "\u0007");
  }
}
