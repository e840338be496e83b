package dev.warren.discovery.local.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Messages from anybody on the link. */
class MessageFuzzTarget {
  @FuzzTest
  void message(byte[] input) throws Exception {
    MessageProperties.check(input);
  }
}
