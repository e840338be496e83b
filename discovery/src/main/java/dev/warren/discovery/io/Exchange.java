package dev.warren.discovery.io;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, on a channel of its own. Whatever ends it, its time, a failure, an
 * answer, or whoever cancels {@link #result()}, closes the channel. What is not said otherwise is
 * for the event loop only.
 */
public abstract class Exchange<T> {
  final EventLoop loop;
  private final String what;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private @Nullable Channel channel;
  private @Nullable ScheduledFuture<?> timer;

  /**
   * @param what who is asked, for messages
   */
  Exchange(EventLoop loop, String what) {
    this.loop = loop;
    this.what = what;
  }

  /** Begins; any thread. The result ends within {@code limit}; cancelling it ends the exchange. */
  public final CompletableFuture<T> start(Duration limit) {
    // Registered first, so that nothing that begin() opens is left behind.
    result.whenComplete((value, error) -> onLoop(this::release));
    onLoop(
        () -> {
          if (result.isDone()) {
            return;
          }
          timer =
              loop.schedule(
                  () -> fail(what + " did not answer within " + seconds(limit)),
                  limit.toNanos(),
                  TimeUnit.NANOSECONDS);
          try {
            begin();
          } catch (RuntimeException e) {
            fail(what + " cannot be asked: " + e.getMessage());
          }
        });
    return result;
  }

  private void onLoop(Runnable task) {
    try {
      if (loop.inEventLoop()) {
        task.run();
      } else {
        loop.execute(task);
      }
    } catch (RejectedExecutionException closed) {
      result.completeExceptionally(new IOException(what + " was not asked: closed"));
    }
  }

  private static String seconds(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
  }

  /** Opens the channel, which {@link #use} is told. */
  abstract void begin();

  /** This channel is used from now on; false if the exchange is over, and the channel closed. */
  final boolean use(Channel opened) {
    if (result.isDone()) {
      opened.close();
      return false;
    }
    channel = opened;
    return true;
  }

  final void succeed(T value) {
    result.complete(value);
  }

  final void fail(String why) {
    result.completeExceptionally(new IOException(why));
  }

  final boolean isOver() {
    return result.isDone();
  }

  final String what() {
    return what;
  }

  private void release() {
    if (timer != null) {
      timer.cancel(false);
    }
    if (channel != null) {
      channel.close();
    }
  }
}
