package dev.warren.relay.client;

import dev.warren.base.NodeId;
import dev.warren.relay.client.state.RelayHealth;
import io.netty.buffer.ByteBuf;

/** What a relay connection brings. Called on its event loop; must not block. */
public interface RelayListener {
  /**
   * Datagrams of one sender. Ownership passes; the buffer is direct and writable.
   *
   * @param segmentSize 0 for one datagram, else where to cut
   */
  void onDatagrams(NodeId source, ByteBuf data, int segmentSize);

  /** The read loop ended. */
  default void onReadComplete() {}

  /** The relay says that this node has left it. */
  default void onPeerGone(NodeId id) {}

  /** The relay says how it sees this connection. A new connection begins healthy. */
  default void onHealth(RelayHealth health) {}

  /** Authenticated. */
  default void onConnected() {}

  /** The connection is lost. */
  default void onDisconnected() {}

  /**
   * The status is another; after {@link #onConnected} or {@link #onDisconnected} where one of them
   * is due. {@link RelayClient#status()} has it already.
   */
  default void onStatus(RelayStatus now) {}
}
