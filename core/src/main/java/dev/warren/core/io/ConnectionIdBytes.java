package dev.warren.core.io;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import org.jspecify.annotations.Nullable;

/** Reads the bytes of a connection id, which Netty shows only as text. Stateless. */
final class ConnectionIdBytes {
  private static final String START = "connId=";

  private ConnectionIdBytes() {}

  static byte @Nullable [] of(@Nullable QuicConnectionAddress address) {
    String text = String.valueOf(address);
    int start = text.indexOf(START);
    int end = text.indexOf('}', Math.max(0, start));
    return start < 0 || end < 0
        ? null
        : ByteBufUtil.decodeHexDump(text.substring(start + START.length(), end));
  }
}
