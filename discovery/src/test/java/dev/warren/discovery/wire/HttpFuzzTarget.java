package dev.warren.discovery.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** HTTP answers. */
class HttpFuzzTarget {
  @FuzzTest
  void answer(byte[] input) throws Exception {
    HttpProperties.check(input, 1 + input.length % 7);
  }
}
