package dev.warren.relay.client.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** One frame of a relay; the first byte says in which dialect and state. */
class DialectFuzzTarget {
  @FuzzTest
  void modern(byte[] input) throws Exception {
    if (input.length > 0) {
      byte[] frame = Arrays.copyOfRange(input, 1, input.length);
      DialectProperties.checkModern(frame, (input[0] & 1) != 0, (input[0] & 2) != 0);
    }
  }

  @FuzzTest
  void legacy(byte[] input) throws Exception {
    DialectProperties.checkLegacy(input);
  }
}
