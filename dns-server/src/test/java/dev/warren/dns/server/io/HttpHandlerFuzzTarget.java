package dev.warren.dns.server.io;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** HTTP requests from anybody. */
class HttpHandlerFuzzTarget {
  @FuzzTest
  void requests(byte[] input) throws Exception {
    HttpHandlerProperties.check(input);
  }
}
