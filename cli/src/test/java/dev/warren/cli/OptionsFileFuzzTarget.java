package dev.warren.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** A file of options. */
class OptionsFileFuzzTarget {
  @FuzzTest
  void text(byte[] input) throws Exception {
    OptionsFileProperties.check(new String(input, StandardCharsets.UTF_8));
  }
}
