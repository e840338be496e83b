package dev.warren.core.io;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The futures that applications see. Each is a <em>root</em>: when its caller ends it, by {@code
 * cancel}, {@code orTimeout} or otherwise, a hook aborts the operation behind it, which a derived
 * stage of a {@link CompletableFuture} would not. They complete on the callback executor, never on
 * an event loop.
 */
public final class Promises {
  private Promises() {}

  private static final class Root<T> extends CompletableFuture<T> {
    private volatile boolean settled;

    Root(Runnable onCancel) {
      whenComplete(
          (value, failure) -> {
            if (!settled) {
              onCancel.run();
            }
          });
    }

    /** The operation has ended, so there is nothing to abort. False if the caller was faster. */
    boolean settle(T value) {
      settled = true;
      return complete(value);
    }

    void settleExceptionally(Throwable failure) {
      settled = true;
      completeExceptionally(failure);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }

  /** An application's view of {@code internal}. */
  public static <T> CompletableFuture<T> expose(
      CompletableFuture<T> internal, Executor callbacks, Runnable onCancel) {
    return expose(internal, callbacks, onCancel, value -> {});
  }

  /** As above; {@code orphan} takes what arrived too late for a caller who has cancelled. */
  public static <T> CompletableFuture<T> expose(
      CompletableFuture<T> internal, Executor callbacks, Runnable onCancel, Consumer<T> orphan) {
    Root<T> root = new Root<>(onCancel);
    if (internal.isDone()) {
      // So that who asks afterwards is told at once; nothing depends on it yet.
      internal.whenComplete((value, failure) -> settle(root, value, failure, orphan));
    } else {
      internal.whenCompleteAsync(
          (value, failure) -> settle(root, value, failure, orphan),
          task -> execute(callbacks, task));
    }
    return root;
  }

  private static <T> void settle(
      Root<T> root, T value, @Nullable Throwable failure, Consumer<T> orphan) {
    if (failure != null) {
      root.settleExceptionally(unwrap(failure));
    } else if (!root.settle(value)) {
      orphan.accept(value);
    }
  }

  /** The executor ends with the endpoint; a future must end all the same. */
  private static void execute(Executor callbacks, Runnable task) {
    try {
      callbacks.execute(task);
    } catch (RejectedExecutionException endpointClosed) {
      task.run();
    }
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
                root.settle(value);
              } else if (!(failure instanceof CancellationException)) {
                root.settleExceptionally(unwrap(failure));
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
