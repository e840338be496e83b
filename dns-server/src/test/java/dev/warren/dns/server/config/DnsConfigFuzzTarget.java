package dev.warren.dns.server.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.serving.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Configuration files: of the operator, but never to end in anything but a message. */
class DnsConfigFuzzTarget {
  @FuzzTest
  void text(byte[] input) {
    try {
      DnsConfig.parse("x", new String(input, StandardCharsets.UTF_8), Map.of());
    } catch (ConfigException said) {
      // With lines.
    }
  }
}
