package dev.warren.serving.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Headers of proxies, and TLS greetings, from anybody. */
class FrontFuzzTarget {
  @FuzzTest
  void proxyHeader(byte[] input) throws Exception {
    FrontProperties.checkProxyHeader(input);
  }

  @FuzzTest
  void greeting(byte[] input) throws Exception {
    ClientHelloTest.check(input);
  }

  @FuzzTest
  void forwarded(byte[] input) throws Exception {
    FrontProperties.checkForwarded(new String(input, StandardCharsets.ISO_8859_1));
  }
}
