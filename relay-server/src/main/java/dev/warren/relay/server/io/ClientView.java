package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import java.net.InetSocketAddress;

/**
 * A connected client as it was at a moment. Immutable.
 *
 * @param sinceMillis when it was upgraded, in milliseconds of the epoch
 */
public record ClientView(
    NodeId id,
    long connection,
    String protocol,
    InetSocketAddress remote,
    long sinceMillis,
    long bytesReceived,
    long bytesSent,
    boolean active) {}
