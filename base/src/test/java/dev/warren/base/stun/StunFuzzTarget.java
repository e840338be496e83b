package dev.warren.base.stun;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** STUN from anybody. */
class StunFuzzTarget {
  @FuzzTest
  void message(byte[] input) throws Exception {
    StunProperties.check(input);
  }
}
