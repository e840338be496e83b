package dev.warren.cli;

import dev.warren.core.Connection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tells of the end of connections, and knows which ends are not told of yet. Any thread. */
final class Closings {
  /** What is not told by then is not worth more of the user's time. */
  private static final long LIMIT_SECONDS = 2;

  private final Output out;
  private final Set<CompletableFuture<Void>> untold = ConcurrentHashMap.newKeySet();

  Closings(Output out) {
    this.out = out;
  }

  void watch(Connection connection, Provenance provenance) {
    CompletableFuture<Void> told =
        connection
            .closed()
            .thenAccept(reason -> Events.closed(out, connection, provenance, reason));
    untold.add(told);
    told.whenComplete((ok, failed) -> untold.remove(told));
  }

  /** Waits for the ends of all connections, which must have been closed. */
  void await() {
    try {
      CompletableFuture.allOf(untold.toArray(CompletableFuture[]::new))
          .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      return;
    }
  }
}
