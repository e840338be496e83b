package dev.warren.relay.server.io;

import dev.warren.relay.server.proxy.AddressRange;
import io.netty.channel.socket.SocketChannel;
import java.util.List;

/** Stub. */
final class ProxyHeaderHandler {
  static void addTo(SocketChannel c, List<AddressRange> t, ServiceCounters s) {
    throw new IllegalArgumentException("PROXY is not there yet");
  }
}
