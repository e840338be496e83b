package dev.warren.discovery.io;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of all services in the process: one thread, there while a service uses it and gone
 * with the last. Idle it costs nothing, since it waits without a limit. A thread of one's own for
 * each service of each endpoint would mostly wait; the JDK's HTTP client has two, and on Java 17
 * they end only when the collector finds the client.
 */
public final class SharedLoop implements AutoCloseable {
  /** The end of the loop takes as long as its current task; nothing in it blocks. */
  private static final int CLOSE_MS = 1000;

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static @Nullable EventLoopGroup group;
  private static @Nullable Thread thread;
  private static int users;

  private final EventLoop loop;
  private boolean closed;

  private SharedLoop(EventLoop loop) {
    this.loop = loop;
  }

  /** A share of the loop; it is there until all shares are closed. */
  public static SharedLoop acquire() {
    LOCK.lock();
    try {
      if (group == null) {
        group =
            new MultiThreadIoEventLoopGroup(1, SharedLoop::newThread, NioIoHandler.newFactory());
      }
      users++;
      return new SharedLoop(group.next());
    } finally {
      LOCK.unlock();
    }
  }

  private static Thread newThread(Runnable task) {
    Thread fresh = new FastThreadLocalThread(task, "warren-discovery-io");
    fresh.setDaemon(true);
    LOCK.lock();
    try {
      thread = fresh;
    } finally {
      LOCK.unlock();
    }
    return fresh;
  }

  public EventLoop loop() {
    return loop;
  }

  /** Gives the share back; the last one waits, a second at most, until the thread has ended. */
  @Override
  public void close() {
    Ending ending = release();
    if (ending == null) {
      return;
    }
    ending.group.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS);
    if (ending.thread != null && ending.thread != Thread.currentThread()) {
      try {
        // Not the group's own future: that is done while the thread still runs.
        ending.thread.join(CLOSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private record Ending(EventLoopGroup group, @Nullable Thread thread) {}

  private @Nullable Ending release() {
    LOCK.lock();
    try {
      if (closed) {
        return null;
      }
      closed = true;
      EventLoopGroup last = group;
      if (--users > 0 || last == null) {
        return null;
      }
      Ending ending = new Ending(last, thread);
      group = null;
      thread = null;
      return ending;
    } finally {
      LOCK.unlock();
    }
  }
}
