package dev.warren.core;

import java.time.Duration;

/** Serves the connections of one ALPN; register it with a {@link Router}. */
@FunctionalInterface
public interface ProtocolHandler {
  /**
   * Serves one connection, on a thread of its own (virtual on JDK 21 and later); may run as long as
   * the connection. When it returns, the router waits a while for the peer to close and then closes
   * with code 0; when it throws, the router closes with its error code and logs once.
   */
  void accept(Connection connection) throws Exception;

  /** The router is closing: end what runs, within {@code limit}. */
  default void shutdown(Duration limit) {}
}
