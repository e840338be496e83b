package dev.warren.relay.server.io;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Requests and frames from anybody. */
class RelayRequestFuzzTarget {
  @FuzzTest
  void request(byte[] input) throws Exception {
    RelayRequestProperties.checkRequest(input);
  }

  @FuzzTest
  void frame(byte[] input) throws Exception {
    RelayRequestProperties.checkFrame(input);
  }
}
