package dev.warren.dns.server.io;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection that has not done what it was to do in time; what counts is set anew when it
 * has. Bytes alone buy nobody time. Event loop only.
 */
final class Deadline {
  private final Channel channel;
  private final LongAdder passed;
  private @Nullable Future<?> next;
  private long at;

  /**
   * @param passed counts connections that are closed
   */
  Deadline(Channel channel, Duration first, LongAdder passed) {
    this.channel = channel;
    this.passed = passed;
    set(first);
    watch();
    channel.closeFuture().addListener(closed -> cancel());
  }

  /** It has that long from now. */
  void set(Duration time) {
    at = System.nanoTime() + time.toNanos();
  }

  /** Looks when it may have passed; a connection has one task, however often it is set. */
  private void watch() {
    long left = Math.max(at - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(1));
    next = channel.eventLoop().schedule(this::look, left, TimeUnit.NANOSECONDS);
  }

  /** Else what is closed would be kept until then. */
  private void cancel() {
    if (next != null) {
      next.cancel(false);
    }
  }

  private void look() {
    if (!channel.isActive()) {
      return;
    }
    if (System.nanoTime() - at >= 0) {
      passed.increment();
      channel.close();
    } else {
      watch();
    }
  }
}
