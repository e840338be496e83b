package dev.warren.base;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Tickets: as text, and as the bytes inside the text, which few mutations of a text reach. */
class TicketFuzzTarget {
  @FuzzTest
  void text(byte[] input) throws Exception {
    TicketProperties.check(new String(input, StandardCharsets.UTF_8));
  }

  @FuzzTest
  void content(byte[] input) throws Exception {
    TicketProperties.check(Inputs.text("node", input));
    TicketProperties.check(Inputs.text("endpoint", input));
  }
}
