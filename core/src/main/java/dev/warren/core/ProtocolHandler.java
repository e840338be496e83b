package dev.warren.core;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Serves the connections of one ALPN; register it with a {@link Router}. */
@FunctionalInterface
public interface ProtocolHandler {
  /**
   * Serves one connection, on a thread of its own (virtual on JDK 21 and later); may run as long as
   * the connection. When it returns, the router waits a while for the peer to close and then closes
   * with code 0; when it throws, the router closes with its error code and logs once.
   */
  void accept(Connection connection) throws Exception;

  /**
   * As {@link #accept} for a handler that needs no thread of its own: the connection is served
   * until the stage completes. The call itself comes on a thread that may block. Default: {@code
   * accept}.
   */
  default CompletionStage<?> serve(Connection connection) throws Exception {
    accept(connection);
    return CompletableFuture.completedFuture(null);
  }

  /**
   * A handler that starts to serve and says when it has: for thousands of connections without as
   * many threads where the JDK has no virtual ones.
   */
  static ProtocolHandler asynchronous(Function<Connection, CompletionStage<?>> start) {
    return new ProtocolHandler() {
      @Override
      public void accept(Connection connection) throws Exception {
        serve(connection).toCompletableFuture().get();
      }

      @Override
      public CompletionStage<?> serve(Connection connection) {
        return start.apply(connection);
      }
    };
  }

  /** The router is closing: end what runs, within {@code limit}. */
  default void shutdown(Duration limit) {}
}
