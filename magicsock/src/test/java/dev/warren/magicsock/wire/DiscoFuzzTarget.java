package dev.warren.magicsock.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Datagrams from anybody, and messages from whoever has a key. */
class DiscoFuzzTarget {
  @FuzzTest
  void datagram(byte[] input) throws Exception {
    DiscoProperties.checkPacket(input);
  }

  @FuzzTest
  void message(byte[] input) throws Exception {
    DiscoProperties.checkPlain(input);
  }
}
