package dev.warren.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import picocli.CommandLine.TypeConversionException;

/**
 * A port on loopback for what is for this machine alone, as metrics are.
 *
 * @param number 0 for a free one
 */
record LoopbackPort(int number) {
  static LoopbackPort parse(String text) {
    if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535) {
      return new LoopbackPort(Integer.parseInt(text));
    }
    throw new TypeConversionException("a port is 0 to 65535, not " + text);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), number);
  }
}
