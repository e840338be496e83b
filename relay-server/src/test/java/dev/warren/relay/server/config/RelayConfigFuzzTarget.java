package dev.warren.relay.server.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Configuration files. */
class RelayConfigFuzzTarget {
  @FuzzTest
  void text(byte[] input) throws Exception {
    RelayConfigProperties.check(new String(input, StandardCharsets.UTF_8));
  }
}
