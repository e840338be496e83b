package dev.warren.core;

import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.RecvHalf;
import dev.warren.core.io.SendHalf;

/**
 * The door through which {@code dev.warren.core.netty} reaches a stream's insides. Not for
 * applications: its types are not exported.
 */
public final class StreamAccess {
  private StreamAccess() {}

  public static QuicConnection connection(Connection connection) {
    return connection.quic();
  }

  public static SendHalf send(SendStream stream) {
    return stream.half();
  }

  public static RecvHalf recv(RecvStream stream) {
    return stream.half();
  }
}
