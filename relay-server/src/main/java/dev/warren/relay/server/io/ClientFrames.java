package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;

/**
 * What a client that was let in may send, in its dialect (relay-protocol sections A8.1 and B7).
 * Event loop only.
 */
final class ClientFrames {
  private final RelayCounters counters;
  private final Dialect dialect;
  private final Outlet outlet;
  private final Heartbeat heartbeat;
  private final Forwarder forwarder;

  ClientFrames(
      RelayCounters counters,
      Dialect dialect,
      Outlet outlet,
      Heartbeat heartbeat,
      Forwarder forwarder) {
    this.counters = counters;
    this.dialect = dialect;
    this.outlet = outlet;
    this.heartbeat = heartbeat;
    this.forwarder = forwarder;
  }

  /** False if the client has broken the protocol, and is to be cut off. */
  boolean onFrame(int type, ByteBuf buffer, int at, int length) {
    return dialect.isLegacy()
        ? onLegacyFrame(type, buffer, at, length)
        : onModernFrame(type, buffer, at, length);
  }

  private boolean onModernFrame(int type, ByteBuf buffer, int at, int length) {
    return switch (type) {
      case RelayFrames.TO_RELAY -> forwarder.forwardModern(false, buffer, at, length);
      case RelayFrames.TO_RELAY_BATCH -> forwarder.forwardModern(true, buffer, at, length);
      case RelayFrames.PING -> onPing(buffer, at, length);
      case RelayFrames.PONG -> onPong(buffer, at, length);
      default -> false;
    };
  }

  private boolean onLegacyFrame(int type, ByteBuf buffer, int at, int length) {
    return switch (type) {
      case LegacyFrames.SEND_PACKET -> forwarder.forwardLegacy(buffer, at, length);
      case LegacyFrames.PING -> onPing(buffer, at, length);
      case LegacyFrames.PONG -> onPong(buffer, at, length);
      case LegacyFrames.NOTE_PREFERRED -> length == 1 && (buffer.getByte(at) & ~1) == 0;
      case LegacyFrames.KEEP_ALIVE -> unused(length == 0);
      case LegacyFrames.GONE -> unused(length == RelayFrames.ID);
      case LegacyFrames.RESTARTING -> unused(length == 8);
      case LegacyFrames.RECV_PACKET -> unused(length >= RelayFrames.ID);
      case LegacyFrames.CLIENT_INFO -> unused(true);
      default -> false;
    };
  }

  /** Known, but nothing that a client has to say: ignored if it is well formed (section B7). */
  private boolean unused(boolean wellFormed) {
    counters.unknownFrames.increment();
    return wellFormed;
  }

  private boolean onPing(ByteBuf buffer, int at, int length) {
    if (length != Long.BYTES) {
      return false;
    }
    byte[] body = new byte[length];
    buffer.getBytes(at, body);
    counters.gotPing.increment();
    counters.sentPong.increment();
    outlet.answer(dialect.pongType(), body);
    return true;
  }

  private boolean onPong(ByteBuf buffer, int at, int length) {
    if (length == Long.BYTES) {
      heartbeat.onPong(buffer.getLong(at));
    }
    return length == Long.BYTES;
  }

  /** The end of a read. */
  void flush() {
    forwarder.flush();
  }
}
