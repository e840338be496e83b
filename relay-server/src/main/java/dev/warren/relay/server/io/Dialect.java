package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * What a client speaks after the upgrade: how frames are told apart on the stream, and which codes
 * they have (relay-protocol parts A, B and C1). Payloads of the two modern dialects are alike, and
 * so are those of the two legacy ones.
 */
enum Dialect {
  MODERN_V2(RelayFrames.V2),
  MODERN_V1(RelayFrames.V1),
  LEGACY_WEBSOCKET("websocket"),
  LEGACY_NATIVE(LegacyFrames.NATIVE_UPGRADE);

  private final String protocol;

  Dialect(String protocol) {
    this.protocol = protocol;
  }

  /** The name that chose it in the upgrade. */
  String protocol() {
    return protocol;
  }

  boolean isLegacy() {
    return this == LEGACY_WEBSOCKET || this == LEGACY_NATIVE;
  }

  boolean isWebSocket() {
    return this != LEGACY_NATIVE;
  }

  /** Longest frame that is taken from a client, type included. */
  int maxFrame() {
    // One more than may be sent: the decoder of upstream is looser by that byte (section A7).
    return isLegacy() ? LegacyFrames.MAX_FRAME : RelayFrames.MAX_FRAME + 1;
  }

  int pingType() {
    return isLegacy() ? LegacyFrames.PING : RelayFrames.PING;
  }

  int pongType() {
    return isLegacy() ? LegacyFrames.PONG : RelayFrames.PONG;
  }

  /** The frame with a text for people; version 2 has none. */
  int healthType() {
    return isLegacy() ? LegacyFrames.HEALTH : RelayFrames.HEALTH;
  }

  int restartingType() {
    return isLegacy() ? LegacyFrames.RESTARTING : RelayFrames.RESTARTING;
  }

  /** Bytes that go out before a payload of this length, the type among them. */
  int headerOut(int payload) {
    return isWebSocket()
        ? WebSocketFrames.unmaskedHeader(1 + payload) + 1
        : LegacyFrames.NATIVE_HEADER;
  }

  /**
   * Bytes that came in before a payload of this length at least, the type among them: these may be
   * overwritten.
   */
  int headerIn(int payload) {
    return isWebSocket() ? headerOut(payload) + Integer.BYTES : LegacyFrames.NATIVE_HEADER;
  }

  /** Writes a header that ends where the payload begins. */
  void putHeader(ByteBuf out, int payloadAt, int type, int payload) {
    int start = payloadAt - headerOut(payload);
    if (isWebSocket()) {
      WebSocketFrames.setHeader(out, start, WebSocketFrames.BINARY, false, 1 + payload);
      out.setByte(payloadAt - 1, type);
    } else {
      out.setByte(start, type);
      out.setInt(start + 1, payload);
    }
  }

  /** A frame of its own for what the relay itself has to say. */
  ByteBuf frame(ByteBufAllocator alloc, int type, byte[] payload) {
    int header = headerOut(payload.length);
    ByteBuf out = alloc.directBuffer(header + payload.length, header + payload.length);
    putHeader(out, header, type, payload.length);
    return out.writerIndex(header).writeBytes(payload);
  }

  /** Bytes of a finished datagram frame that are neither header, id, ecn nor segment size. */
  int datagramBytes(ByteBuf frame) {
    int r = frame.readerIndex();
    if (isLegacy()) {
      int payload =
          isWebSocket() ? payloadOf(frame) : frame.readableBytes() - LegacyFrames.NATIVE_HEADER;
      return payload - RelayFrames.ID;
    }
    int payload = payloadOf(frame);
    boolean batch =
        frame.getByte(r + frame.readableBytes() - payload - 1) == RelayFrames.FROM_RELAY_BATCH;
    return 1 + payload - (batch ? RelayFrames.BATCH_HEADER : RelayFrames.SINGLE_HEADER);
  }

  private static int payloadOf(ByteBuf frame) {
    int second = frame.getByte(frame.readerIndex() + 1);
    return frame.readableBytes() - (second < 126 ? 2 : second == 126 ? 4 : 10) - 1;
  }
}
