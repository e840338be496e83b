package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.KeyParseException;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Ticket;
import dev.warren.base.TicketParseException;
import dev.warren.core.PathInfo;
import dev.warren.discovery.dns.NameServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.TypeConversionException;

/**
 * From the text of an argument to its value. Throws {@link TypeConversionException} in one clause,
 * to which the parser adds the name of the option. Stateless.
 */
final class Values {
  private Values() {}

  static Alpn alpn(String text) {
    try {
      return Alpn.of(text);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  static InetSocketAddress socketAddress(String text) {
    try {
      return SocketAddrs.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  static RelayUrl relayUrl(String text) {
    try {
      return RelayUrl.parse(text);
    } catch (RelayUrlParseException e) {
      throw wrong(e);
    }
  }

  /** A ticket, or a bare node id. */
  static NodeAddr target(String text) {
    try {
      return text.startsWith("node") || text.startsWith("endpoint")
          ? Ticket.parse(text).addr()
          : NodeAddr.of(NodeId.parse(text));
    } catch (TicketParseException e) {
      throw wrong(e);
    } catch (KeyParseException e) {
      throw new TypeConversionException(
          "not a ticket (\"node…\" or \"endpoint…\"), and as a node id: " + e.getMessage());
    }
  }

  /** A node id, also as a ticket's. */
  static NodeId nodeId(String text) {
    return target(text).id();
  }

  static NameServer nameServer(String text) {
    try {
      return NameServer.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  /** Where something is spoken to by HTTP. */
  static URI httpUrl(String text) {
    URI url;
    try {
      url = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    if (!Set.of("http", "https").contains(scheme) || url.getHost() == null) {
      throw new TypeConversionException("a URL begins with https:// or http://, not " + text);
    }
    return url;
  }

  static Path path(String text) {
    try {
      if (text.isEmpty()) {
        throw new TypeConversionException("an empty file name");
      }
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException("not a file name: " + e.getReason());
    }
  }

  /** Whole seconds. */
  static Duration seconds(String text) {
    if (!text.matches("\\d{1,9}")) {
      throw new TypeConversionException("not a number of whole seconds: " + text);
    }
    return Duration.ofSeconds(Long.parseLong(text));
  }

  static PathInfo.Type pathType(String text) {
    return switch (text) {
      case "direct" -> PathInfo.Type.DIRECT;
      case "relay" -> PathInfo.Type.RELAY;
      default -> throw new TypeConversionException("direct or relay, not " + text);
    };
  }

  private static TypeConversionException wrong(Exception e) {
    return new TypeConversionException(e.getMessage());
  }
}
