package dev.warren.core.io;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The futures that applications see. Each is a <em>root</em>: cancelling it runs a hook that aborts
 * the operation behind it, which a derived stage of a {@link CompletableFuture} would not. They
 * complete on the callback executor, never on an event loop.
 */
public final class Promises {
  private Promises() {}

  private static final class Root<T> extends CompletableFuture<T> {
    private final Runnable onCancel;

    Root(Runnable onCancel) {
      this.onCancel = onCancel;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      boolean cancelled = super.cancel(mayInterrupt);
      if (cancelled) {
        onCancel.run();
      }
      return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }

  /** An application's view of {@code internal}. */
  public static <T> CompletableFuture<T> expose(
      CompletableFuture<T> internal, Executor callbacks, Runnable onCancel) {
    Root<T> root = new Root<>(onCancel);
    internal.whenCompleteAsync(
        (value, failure) -> {
          if (failure == null) {
            root.complete(value);
          } else {
            root.completeExceptionally(unwrap(failure));
          }
        },
        callbacks);
    return root;
  }

  /** Continues with {@code next}; cancelling the result runs {@code onCancel}. */
  static <A, B> CompletableFuture<B> chain(
      CompletableFuture<A> first, Function<A, CompletableFuture<B>> next, Runnable onCancel) {
    Root<B> root = new Root<>(onCancel);
    first
        .thenCompose(next)
        .whenComplete(
            (value, failure) -> {
              if (failure == null) {
                root.complete(value);
              } else if (!(failure instanceof CancellationException)) {
                root.completeExceptionally(unwrap(failure));
              }
            });
    return root;
  }

  static Throwable unwrap(Throwable failure) {
    return failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
