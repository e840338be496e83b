package dev.warren.discovery.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Signed packets, the DNS messages inside, and the values inside those. */
class PacketFuzzTarget {
  @FuzzTest
  void packet(byte[] input) throws Exception {
    PacketProperties.checkPacket(input);
  }

  @FuzzTest
  void message(byte[] input) throws Exception {
    PacketProperties.checkMessage(input);
  }

  @FuzzTest
  void value(byte[] input) throws Exception {
    PacketProperties.checkValue(new String(input, StandardCharsets.UTF_8));
  }
}
