package dev.warren.relay.server;

import dev.warren.base.NodeId;
import dev.warren.relay.server.io.ClientView;
import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * A connection of a relay as it was at a moment. Immutable.
 *
 * @param node its id
 * @param connection its number, unique in this process
 * @param dialect what it speaks: {@code iroh-relay-v2}, {@code iroh-relay-v1}, or the name that the
 *     legacy upgrade carried: {@code websocket} or {@code iroh derp http}
 * @param remote the client: behind a trusted proxy, what that proxy says
 * @param since when it was upgraded
 * @param bytesReceived payload bytes of datagrams from it
 * @param bytesSent payload bytes of datagrams for it
 * @param active whether it gets what is sent to its node: of several, the newest does
 */
public record ConnectedClient(
    NodeId node,
    long connection,
    String dialect,
    InetSocketAddress remote,
    Instant since,
    long bytesReceived,
    long bytesSent,
    boolean active) {

  static ConnectedClient of(ClientView view) {
    return new ConnectedClient(
        view.id(),
        view.connection(),
        view.protocol(),
        view.remote(),
        Instant.ofEpochMilli(view.sinceMillis()),
        view.bytesReceived(),
        view.bytesSent(),
        view.active());
  }
}
