package dev.warren.relay.client.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** The answer to a probe; the first byte says in what pieces it comes. */
class PingFuzzTarget {
  @FuzzTest
  void answer(byte[] input) throws Exception {
    if (input.length > 0) {
      PingProperties.check(Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0x3f));
    }
  }
}
