package dev.warren.discovery.dht.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Messages of the DHT from anybody. */
class KrpcFuzzTarget {
  @FuzzTest
  void message(byte[] input) throws Exception {
    KrpcProperties.check(input);
  }

  @FuzzTest
  void value(byte[] input) throws Exception {
    KrpcProperties.checkValue(input);
  }
}
