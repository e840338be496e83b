package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.core.ConnectOptions;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint and the connection of a command that dials, and what it tells: {@code connected},
 * {@code path}, {@code closed}. Closing it waits until the last of them is told. One thread, but
 * that an interrupt of the process closes it from another.
 */
final class Dialled implements AutoCloseable {
  /** As long as closing an endpoint takes at most. */
  private static final Duration CLOSE = Duration.ofSeconds(3);

  private final OpenEndpoint open;
  private final Endpoint endpoint;
  private final Closings closings;
  private final Interruption interruption;
  private volatile @Nullable Connection connection;
  private @Nullable Paths paths;
  private @Nullable RelayAccess access;

  private Dialled(Output out, OpenEndpoint open, Interruption interruption) {
    this.open = open;
    this.endpoint = open.endpoint();
    this.closings = new Closings(out);
    this.interruption = interruption;
  }

  /** Binds and dials. An interrupt ends either as well as the connection. */
  static Dialled open(Output out, EndpointOptions options, DialOptions dial, Alpn alpn)
      throws IOException {
    Interruption interruption = Interruption.ofWork(out);
    try {
      OpenEndpoint open = options.open(out);
      Dialled dialled = new Dialled(out, open, interruption);
      interruption.closes(dialled::interrupted);
      return dialled.dial(out, options, dial, alpn);
    } catch (IOException | RuntimeException e) {
      interruption.close();
      throw e;
    }
  }

  private Dialled dial(Output out, EndpointOptions options, DialOptions dial, Alpn alpn)
      throws IOException {
    try {
      access = RelayAccess.watch(out, endpoint, options.relayIsOnlyWayTo(dial.addr()));
      connect(out, dial, alpn, access);
      return this;
    } catch (IOException | RuntimeException e) {
      interruption.close();
      open.close();
      throw e;
    }
  }

  private void connect(Output out, DialOptions dial, Alpn alpn, RelayAccess relays)
      throws IOException {
    long start = System.nanoTime();
    CompletableFuture<Connection> attempt =
        endpoint.connectAsync(dial.addr(), alpn, ConnectOptions.DEFAULT.withTimeout(dial.timeout));
    relays.onEnd(() -> attempt.cancel(true));
    Connection dialled = await(attempt, relays);
    connection = dialled;
    paths = Paths.connected(out, dialled, open.provenance(), start);
    closings.watch(dialled, open.provenance());
  }

  private static Connection await(CompletableFuture<Connection> attempt, RelayAccess relays)
      throws IOException {
    try {
      return attempt.get();
    } catch (CancellationException refused) {
      relays.check();
      throw refused;
    } catch (InterruptedException e) {
      attempt.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the dial was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  Connection connection() {
    return Objects.requireNonNull(connection);
  }

  Paths paths() {
    return Objects.requireNonNull(paths);
  }

  /** What was asked for is done, with this exit code, and what follows is a courtesy. */
  void done(int exitCode) {
    interruption.done(exitCode);
  }

  private void interrupted() {
    Connection open = connection;
    if (open != null) {
      open.close(interruption.exitCode(), "interrupted");
    }
    endpoint.close(CLOSE, interruption.exitCode(), "interrupted");
    closings.await();
  }

  @Override
  public void close() {
    Objects.requireNonNull(access).close();
    connection().close();
    closings.await();
    interruption.close();
    open.close();
  }
}
