package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.relay.client.state.RelayHealth;
import io.netty.buffer.ByteBuf;

/**
 * One generation of the relay protocol behind the upgrade: its handshake and its frames. What it
 * reads goes to {@link Inbound} in a form that knows no generations. Event loop only.
 */
interface Dialect {
  /** What frames mean. */
  interface Inbound {
    /** The relay takes us; before it nothing else but these two comes. */
    void authenticated();

    void denied(String reason);

    /** The buffer is retained for the receiver; {@code segmentSize} as in RelayListener. */
    void datagrams(NodeId source, ByteBuf data, int segmentSize);

    void gone(NodeId id);

    void pong(byte[] body);

    void health(RelayHealth health);

    /** Both in ms. */
    void restarting(long reconnectIn, long tryFor);

    /** The relay broke the protocol: the connection must end. */
    void violation(String what);
  }

  /** The upgrade is done. */
  void begin();

  /** One frame, {@code length >= 1} bytes from {@code at}; the buffer stays the caller's. */
  void onFrame(ByteBuf buffer, int at, int length);

  /** Writes datagrams without flushing; false if nothing was. The buffer stays the caller's. */
  boolean datagrams(NodeId to, ByteBuf data, int segmentSize);

  /** Sends a ping with 8 bytes. */
  void ping(byte[] body);
}
