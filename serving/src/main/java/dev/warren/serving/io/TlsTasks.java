package dev.warren.serving.io;

import io.netty.channel.Channel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where the cryptography of handshakes runs, that of TLS and what a server has its clients prove:
 * not on the event loops. A handshake costs a millisecond or more, and when a thousand clients come
 * back after a restart, those who are in would wait for all of theirs. Any thread.
 *
 * <p>At most one task waits for each connection that is being established, so what bounds those
 * bounds them too.
 */
public final class TlsTasks {
  /** An idle thread ends: most of the time nobody connects. */
  private static final int KEEP_SECONDS = 30;

  private final ThreadPoolExecutor threads;

  /**
   * @param loops event loops there are: the cores beside them do this
   */
  public TlsTasks(int loops) {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() - loops);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("warren-handshakes", true));
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * For the handshake of one connection. What is still to be done when that has ended is left out:
   * else a server with too much to do would do most of it for those who have given up.
   */
  public Executor of(Channel channel) {
    return task ->
        threads.execute(
            () -> {
              if (channel.isOpen()) {
                task.run();
              }
            });
  }

  /** Tasks that wait for a thread, those of connections that have ended meanwhile among them. */
  public int waiting() {
    return threads.getQueue().size();
  }

  /** What waits is not run any more. */
  public void close() {
    threads.shutdownNow();
  }
}
