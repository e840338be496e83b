package dev.warren.magicsock;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.magicsock.io.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which sockets an endpoint gets. An address that was asked for must be had; of the default
 * pair IPv6 may be missing, and so may IPv4 on a machine without it. Stateless.
 */
final class SocketBinder {
  private static final Logger LOG = LoggerFactory.getLogger(SocketBinder.class);

  private SocketBinder() {}

  record Bound(@Nullable UdpSocket v4, @Nullable UdpSocket v6) {
    List<InetSocketAddress> addresses() {
      List<InetSocketAddress> all = new ArrayList<>();
      if (v4 != null) {
        all.add(v4.localAddress());
      }
      if (v6 != null) {
        all.add(v6.localAddress());
      }
      return List.copyOf(all);
    }
  }

  static Bound bind(MagicSocketBuilder config, UdpSocket.Inbound inbound)
      throws EndpointBindException {
    if (config.bindAddrs.isEmpty()) {
      return bindAny(config, inbound);
    }
    UdpSocket v4 = null;
    UdpSocket v6 = null;
    for (InetSocketAddress address : config.bindAddrs) {
      boolean six = OwnAddresses.isV6(address);
      if (six ? v6 != null : v4 != null) {
        throw fail(
            v4,
            v6,
            "only one address a family can be bound; a second one is "
                + SocketAddrs.toString(address),
            null);
      }
      try {
        UdpSocket socket = bind(config, address, inbound);
        if (six) {
          v6 = socket;
        } else {
          v4 = socket;
        }
      } catch (IOException e) {
        throw fail(
            v4,
            v6,
            "cannot bind UDP "
                + SocketAddrs.toString(address)
                + ": "
                + e.getMessage()
                + " (choose another address or port, or leave it out)",
            e);
      }
    }
    return new Bound(v4, v6);
  }

  private static Bound bindAny(MagicSocketBuilder config, UdpSocket.Inbound inbound)
      throws EndpointBindException {
    UdpSocket v6 = null;
    UdpSocket v4 = null;
    IOException last = null;
    try {
      v4 = bind(config, SocketAddrs.parse("0.0.0.0:0"), inbound);
    } catch (IOException e) {
      last = e;
    }
    try {
      v6 = bind(config, SocketAddrs.parse("[::]:0"), inbound);
    } catch (IOException e) {
      LOG.debug("no IPv6: {}", e.getMessage());
      last = e;
    }
    if (v4 == null && v6 == null) {
      throw new EndpointBindException("no UDP socket could be bound: " + last.getMessage(), last);
    }
    return new Bound(v4, v6);
  }

  private static UdpSocket bind(
      MagicSocketBuilder config, InetSocketAddress address, UdpSocket.Inbound inbound)
      throws IOException {
    return UdpSocket.bind(
        config.eventLoop,
        config.transport.newChannel(OwnAddresses.isV6(address)),
        address,
        inbound);
  }

  private static EndpointBindException fail(
      @Nullable UdpSocket v4, @Nullable UdpSocket v6, String message, @Nullable Throwable cause) {
    for (UdpSocket socket : new UdpSocket[] {v4, v6}) {
      if (socket != null) {
        socket.channel().close();
      }
    }
    return new EndpointBindException(message, cause);
  }
}
