package dev.warren.core;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads of an endpoint beside its event loops. Stateless. */
final class EndpointThreads {
  /** Two threads took 450 handshakes a second to 600 (netty-quic-notes section 3). */
  private static final int TLS = 2;

  private EndpointThreads() {}

  /** Checks certificates, so that a burst of handshakes does not stall data. */
  static ExecutorService tlsTasks() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            TLS,
            TLS,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("warren-tls", true));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
