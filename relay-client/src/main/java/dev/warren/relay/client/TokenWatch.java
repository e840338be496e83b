package dev.warren.relay.client;

import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for another token while a relay refuses the present one. Event loop only; the supplier runs
 * on the callback executor, one call at a time.
 */
final class TokenWatch {
  /** Our choice: whoever changes a token sees the connection at once, and a file costs nothing. */
  private static final long POLL_MS = 500;

  private final EventLoop loop;
  private final Executor executor;
  private final Supplier<@Nullable String> supplier;
  private @Nullable ScheduledFuture<?> next;
  private int watch;

  TokenWatch(EventLoop loop, Executor executor, Supplier<@Nullable String> supplier) {
    this.loop = loop;
    this.executor = executor;
    this.supplier = supplier;
  }

  /** Runs {@code changed} once, when the supplier gives another token than this one. */
  void start(@Nullable String refused, Runnable changed) {
    stop();
    schedule(watch, refused, changed);
  }

  private void schedule(int mine, @Nullable String refused, Runnable changed) {
    next = loop.schedule(() -> ask(mine, refused, changed), POLL_MS, TimeUnit.MILLISECONDS);
  }

  private void ask(int mine, @Nullable String refused, Runnable changed) {
    try {
      executor.execute(
          () -> {
            boolean same = same(refused);
            try {
              loop.execute(() -> answered(mine, same, refused, changed));
            } catch (RejectedExecutionException loopIsGone) {
              return; // and with it whoever would have dialled
            }
          });
    } catch (RejectedExecutionException busy) {
      answered(mine, true, refused, changed);
    }
  }

  private boolean same(@Nullable String refused) {
    try {
      return Objects.equals(refused, supplier.get());
    } catch (RuntimeException | Error none) {
      return true; // the next attempt says why
    }
  }

  private void answered(int mine, boolean same, @Nullable String refused, Runnable changed) {
    if (mine != watch) {
      return;
    }
    if (same) {
      schedule(mine, refused, changed);
    } else {
      stop();
      changed.run();
    }
  }

  void stop() {
    watch++;
    if (next != null) {
      next.cancel(false);
    }
  }
}
