package dev.warren.relay.server.io;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;

/** Stub. */
final class StunServer {
  static ChannelFuture bind(EventLoopGroup g, InetSocketAddress a, ServiceCounters c) {
    throw new IllegalArgumentException("STUN is not there yet");
  }
}
