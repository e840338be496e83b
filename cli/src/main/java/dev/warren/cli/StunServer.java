package dev.warren.cli;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * A server that tells us how others see our sockets.
 *
 * @param address unresolved where it is a name
 */
record StunServer(InetSocketAddress address) {
  /** RFC 8489 section 8. */
  private static final int PORT = 3478;

  private static final Pattern FORM =
      Pattern.compile("(?<host>\\[[0-9a-fA-F:.]+]|[^:\\[\\]\\s/]+)(?::(?<port>\\d{1,5}))?");

  /** {@code HOST[:PORT]}. */
  static StunServer parse(String text) {
    Matcher form = FORM.matcher(text);
    int port =
        form.matches() && form.group("port") != null ? Integer.parseInt(form.group("port")) : PORT;
    if (!form.matches() || port < 1 || port > 65535) {
      throw new TypeConversionException("a STUN server is HOST[:PORT], not " + text);
    }
    String host = form.group("host").replaceAll("[\\[\\]]", "");
    return new StunServer(InetSocketAddress.createUnresolved(host, port));
  }
}
