package dev.warren.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** The values of options. */
class ValuesFuzzTarget {
  @FuzzTest
  void text(byte[] input) throws Exception {
    ValuesProperties.check(new String(input, StandardCharsets.UTF_8));
  }
}
