package dev.warren.relay.client;

import dev.warren.relay.client.logic.Liveness;
import io.netty.channel.EventLoop;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that no dial and no connection lasts for ever without life: a timer for {@link
 * Liveness}. Event loop only.
 */
final class ConnectionWatch {
  /** What is to be done, and asked. */
  interface Orders {
    void ping();

    /** Nothing came in time. */
    void giveUp();

    /** Ends the connection if a write has been stuck for too long; false if none was. */
    boolean endIfStuck(long now);
  }

  /** Longest and least time between checks: a stuck write announces itself by nothing. */
  private static final long CHECK_MAX = 5_000_000_000L;

  private static final long CHECK_MIN = 10_000_000L;

  private final EventLoop loop;
  private final Orders orders;
  private final Liveness liveness = new Liveness();
  private @Nullable ScheduledFuture<?> check;

  ConnectionWatch(EventLoop loop, Orders orders) {
    this.loop = loop;
    this.orders = orders;
  }

  void onDial() {
    liveness.onDial(System.nanoTime());
    schedule();
  }

  void onConnected() {
    liveness.onConnected(System.nanoTime());
  }

  void onReceived() {
    liveness.onReceived(System.nanoTime());
  }

  void onPingSent() {
    liveness.onPingSent(System.nanoTime());
    schedule();
  }

  boolean waitingForPong() {
    return liveness.waitingForPong();
  }

  /** A pong to the latest ping; returns the round trip, ns. */
  long onPong() {
    return liveness.onPong(System.nanoTime());
  }

  private void schedule() {
    stop();
    long in = liveness.due() - System.nanoTime();
    check =
        loop.schedule(
            this::check, Math.max(CHECK_MIN, Math.min(CHECK_MAX, in)), TimeUnit.NANOSECONDS);
  }

  private void check() {
    long now = System.nanoTime();
    if (orders.endIfStuck(now)) {
      return;
    }
    switch (liveness.check(now)) {
      case PING -> orders.ping();
      case GIVE_UP -> orders.giveUp();
      case NONE -> schedule();
    }
  }

  /** Until the next dial. */
  void stop() {
    if (check != null) {
      check.cancel(false);
    }
  }
}
