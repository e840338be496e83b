package dev.warren.relay.server.io;

import dev.warren.relay.server.wire.HttpAnswer;
import dev.warren.serving.wire.HttpRequest;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Takes connections over that ask for the relay: the choice of dialect, and the 101. Called on the
 * connection's event loop.
 */
interface RelayUpgrade {
  /**
   * A {@code GET} of {@code /relay} or {@code /derp}.
   *
   * @param remote the client, seen through trusted proxies; the port may be 0
   * @param tls whether this server ends the connection's TLS
   * @param headers lines that go into the 101 too
   */
  record Asked(HttpRequest request, InetSocketAddress remote, boolean tls, List<String> headers) {}

  /**
   * Writes the 101 and adds its handlers at the end of the pipeline: the caller then leaves it, and
   * nothing was received beyond the request. Or touches nothing and returns the answer that the
   * connection ends with.
   */
  Optional<HttpAnswer> upgrade(ChannelHandlerContext ctx, Asked asked);
}
