package dev.warren.discovery.io;

import dev.warren.base.SocketAddrs;
import io.netty.channel.ConnectTimeoutException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;

/** What goes into messages. Stateless. */
final class Shown {
  private static final int LONGEST = 200;

  private Shown() {}

  static String address(InetSocketAddress address) {
    return SocketAddrs.toString(address);
  }

  /** One printable line of what a stranger may have chosen. */
  static String line(String text) {
    String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
    return plain.length() > LONGEST ? plain.substring(0, LONGEST) + "…" : plain;
  }

  /** Why a connection was not made. */
  static String reason(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof ConnectTimeoutException) {
      return "no answer";
    }
    if (failure instanceof PortUnreachableException) {
      return "nobody listens there";
    }
    if (failure instanceof NoRouteToHostException || message.contains("unreachable")) {
      return "no route";
    }
    return message.contains("refused") ? "refused" : line(message);
  }
}
