package dev.warren.relay.client.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** The HTTP head, the proof of an id, and the stream of frames, whose first byte says the rest. */
class RelayWireFuzzTarget {
  @FuzzTest
  void head(byte[] input) throws Exception {
    HandshakeProperties.checkHead(input);
  }

  @FuzzTest
  void answer(byte[] input) throws Exception {
    HandshakeProperties.checkAnswer(input);
  }

  @FuzzTest
  void denial(byte[] input) throws Exception {
    HandshakeProperties.checkDenial(input);
  }

  @FuzzTest
  void proof(byte[] input) throws Exception {
    HandshakeProperties.checkProof(input);
  }

  @FuzzTest
  void clientInfo(byte[] input) throws Exception {
    LegacyProperties.checkInfo(input);
  }

  @FuzzTest
  void packet(byte[] input) throws Exception {
    LegacyProperties.checkPacket(input);
  }

  @FuzzTest
  void exporterHeader(byte[] input) throws Exception {
    LegacyProperties.checkHeader(input);
  }

  @FuzzTest
  void frames(byte[] input) throws Exception {
    if (input.length > 0) {
      byte[] stream = Arrays.copyOfRange(input, 1, input.length);
      FrameProperties.check(stream, (input[0] & 1) != 0, 1 + (input[0] >> 1 & 0x1f));
    }
  }
}
