package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.core.ConnectOptions;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The connection of a command that dials, and what it tells: {@code connected}, {@code path},
 * {@code closed}. Closing it waits until the last of them is told. One thread.
 */
final class Dialled implements AutoCloseable {
  private static final long TELL_SECONDS = 2;

  private final Connection connection;
  private final Paths paths;
  private final CompletableFuture<Void> told;

  private Dialled(Connection connection, Paths paths, CompletableFuture<Void> told) {
    this.connection = connection;
    this.paths = paths;
    this.told = told;
  }

  /** Dials; the endpoint also ends with the process, so that the peer hears of it. */
  static Dialled open(Output out, Endpoint endpoint, DialOptions dial, Alpn alpn)
      throws IOException {
    Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
    long start = System.nanoTime();
    Connection connection =
        endpoint.connect(dial.addr(), alpn, ConnectOptions.DEFAULT.withTimeout(dial.timeout));
    Events.connected(out, connection, (System.nanoTime() - start) / 1_000_000);
    return new Dialled(
        connection,
        new Paths(out, connection, start),
        connection.closed().thenAccept(reason -> Events.closed(out, connection, reason)));
  }

  Connection connection() {
    return connection;
  }

  Paths paths() {
    return paths;
  }

  @Override
  public void close() {
    connection.close();
    try {
      told.get(TELL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException untold) {
      // Not worth more of the user's time.
    }
  }
}
