package dev.warren.magicsock;

import dev.warren.magicsock.logic.NetworkState;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the host's network is another, and that the host has slept: looks at it every {@link
 * #BUSY} while peers are talked to, else every {@link #IDLE}, and at once when a socket says that
 * it cannot send. Socket loop only; the looking is done by an executor.
 */
final class NetworkWatch {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkWatch.class);

  /** A change is noticed within this, while it matters: it costs 0.04 % of a core. */
  static final Duration BUSY = Duration.ofMillis(500);

  static final Duration IDLE = Duration.ofSeconds(5);

  /** A failed send that is not the first of its kind says nothing new for so long. */
  private static final long AFTER_TROUBLE = Duration.ofMillis(100).toNanos();

  /** The clock of the wall has gone on by this much more than that of the process: it slept. */
  private static final long SLEPT_MILLIS = 5_000;

  /** Hears what has changed. */
  interface Listener {
    void networkChanged(NetworkState now, NetworkState.Change how);
  }

  private final EventLoop loop;
  private final Executor looking;
  private final Supplier<NetworkState> look;
  private final BooleanSupplier busy;
  private final LongSupplier wallMillis;
  private final Listener listener;
  private @Nullable NetworkState last;
  private @Nullable Future<?> timer;
  private boolean lookingNow;
  private boolean closed;
  private long lastTrouble = System.nanoTime() - AFTER_TROUBLE;
  private long lastNanos = System.nanoTime();
  private long lastWall;

  NetworkWatch(
      EventLoop loop,
      Executor looking,
      Supplier<NetworkState> look,
      BooleanSupplier busy,
      LongSupplier wallMillis,
      Listener listener) {
    this.loop = loop;
    this.looking = looking;
    this.look = look;
    this.busy = busy;
    this.wallMillis = wallMillis;
    this.listener = listener;
    this.lastWall = wallMillis.getAsLong();
  }

  void start() {
    lookNow();
  }

  /** A socket could not send: perhaps there is no route any more. */
  void onTrouble() {
    long now = System.nanoTime();
    if (now - lastTrouble >= AFTER_TROUBLE) {
      lastTrouble = now;
      lookNow();
    }
  }

  private void lookNow() {
    if (lookingNow || closed) {
      return;
    }
    lookingNow = true;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    try {
      looking.execute(this::look);
    } catch (RejectedExecutionException closing) {
      lookingNow = false;
    }
  }

  private void look() {
    NetworkState seen = look.get();
    try {
      loop.execute(() -> seen(seen));
    } catch (RejectedExecutionException loopIsGone) {
      LOG.debug("after the end: the network");
    }
  }

  private void seen(NetworkState now) {
    lookingNow = false;
    if (closed) {
      return;
    }
    NetworkState before = last;
    last = now;
    NetworkState.Change change = before == null ? NetworkState.Change.NONE : now.since(before);
    if (slept()) {
      LOG.debug("the host has slept");
      change = NetworkState.Change.MOVED;
    }
    if (change != NetworkState.Change.NONE) {
      LOG.debug("the network is another ({}): {}", change, now);
      listener.networkChanged(now, change);
    }
    Duration wait = busy.getAsBoolean() ? BUSY : IDLE;
    timer = loop.schedule(this::lookNow, wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Also true when somebody has set the clock forward: no harm is done. */
  private boolean slept() {
    long nanos = System.nanoTime();
    long wall = wallMillis.getAsLong();
    long gap = wall - lastWall - (nanos - lastNanos) / 1_000_000;
    lastNanos = nanos;
    lastWall = wall;
    return gap > SLEPT_MILLIS;
  }

  void close() {
    closed = true;
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
