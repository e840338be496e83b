package dev.warren.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Certificates, packet headers and server names of strangers. */
class CoreWireFuzzTarget {
  @FuzzTest
  void certificate(byte[] input) throws Exception {
    IdentityCertificateProperties.check(input);
  }

  @FuzzTest
  void header(byte[] input) throws Exception {
    QuicHeaderProperties.checkPacket(input, input.length % 64 + 1);
  }

  @FuzzTest
  void serverName(byte[] input) throws Exception {
    QuicHeaderProperties.checkName(new String(input, StandardCharsets.UTF_8));
  }
}
