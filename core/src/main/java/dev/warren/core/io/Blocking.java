package dev.warren.core.io;

import io.netty.channel.EventLoop;
import io.netty.util.internal.ThreadExecutorMap;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The rules of blocking calls, in one place: never on an event loop (it would wait for itself), and
 * an interrupt aborts the call, keeps the flag, and surfaces as {@link InterruptedIOException}.
 */
public final class Blocking {
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Blocking() {}

  /** Fails at once on an event loop instead of dead-locking it. */
  public static void assertAllowed() {
    if (ThreadExecutorMap.currentExecutor() instanceof EventLoop) {
      throw new IllegalStateException(
          "a blocking call on an event loop would wait for itself; use the …Async form or another"
              + " thread");
    }
  }

  static InterruptedIOException interrupted(String operation) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException(operation + " was interrupted");
  }

  /** Waits for {@code future}; an interrupt cancels it. Checked causes come out as they are. */
  public static <T, X extends Exception> T await(
      CompletableFuture<T> future, Class<X> checked, String operation)
      throws X, InterruptedIOException {
    assertAllowed();
    try {
      return future.get();
    } catch (InterruptedException e) {
      if (!future.cancel(true) && !future.isCompletedExceptionally()) {
        // It came just now: it would be lost with the exception. The flag tells the next call.
        Thread.currentThread().interrupt();
        return future.join();
      }
      throw interrupted(operation);
    } catch (ExecutionException e) {
      throw unwrap(e.getCause(), checked);
    }
  }

  /** As above with a bound: {@code late} says what to throw when it has passed. */
  public static <T, X extends Exception> T await(
      CompletableFuture<T> future,
      Duration limit,
      Supplier<? extends X> late,
      Class<X> checked,
      String operation)
      throws X, InterruptedIOException {
    assertAllowed();
    try {
      future.get(nanos(limit), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      if (future.cancel(true)) {
        throw late.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // await sees it at once
    } catch (ExecutionException e) {
      throw unwrap(e.getCause(), checked);
    }
    return await(future, checked, operation);
  }

  /** {@code toNanos()} throws beyond 292 years, and "for ever" is a legal limit. */
  private static long nanos(Duration limit) {
    if (limit.isNegative()) {
      return 0;
    }
    return limit.compareTo(LONGEST) < 0 ? limit.toNanos() : Long.MAX_VALUE;
  }

  /** Waits at most {@code limit}; true if the future ended in time, however it ended. */
  public static boolean awaitEnd(CompletableFuture<?> future, Duration limit) {
    boolean interrupted = false;
    try {
      future.get(nanos(limit), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException e) {
      interrupted = true;
      return future.isDone();
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <X extends Exception> X unwrap(Throwable cause, Class<X> checked) {
    if (checked.isInstance(cause)) {
      // The trace of the waiting thread says more to the caller than the event loop's.
      cause.addSuppressed(new Throwable("waited for here"));
      return checked.cast(cause);
    }
    if (cause instanceof RuntimeException e) {
      throw e;
    }
    if (cause instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException(cause);
  }
}
