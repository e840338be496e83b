package dev.warren.relay.server.io;

import io.netty.buffer.ByteBuf;

/** What the readers of both framings hand their frames to. Event loop only. */
interface FrameSink {
  /**
   * One frame with its payload in {@code buffer}, which must be retained to keep it. As many bytes
   * before the payload as {@link Dialect#headerIn} says may be overwritten.
   */
  void onFrame(int type, ByteBuf buffer, int at, int length);

  /** A WebSocket ping with its payload. */
  void onWebSocketPing(ByteBuf buffer, int at, int length);

  /** Bytes arrived, before they are looked at. */
  void onBytes(int count);

  /** Longest frame taken now, its type included. */
  int maxFrame();

  /** Whether frames are wanted now; if not, they stay where they are. */
  boolean wantsFrames();
}
