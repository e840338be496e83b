package dev.warren.core;

import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException.Kind;
import dev.warren.core.io.AcceptQueue;
import dev.warren.core.io.Blocking;
import dev.warren.core.io.QuicStack;
import dev.warren.magicsock.MagicSocket;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an endpoint ends: stop accepting and being found, tell the handlers, close the connections
 * with codes, say good-bye to the relay, close the sockets, end the threads. It does not know the
 * {@link Endpoint}, since it also has to run after that was garbage-collected. Any thread.
 */
final class EndpointEnd {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointEnd.class);

  /** Longer limits count as this much: nothing that closes takes longer. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private final NodeId id;
  private final QuicStack quic;
  private final MagicSocket socket;
  private final EndpointDiscovery discovery;
  private final AcceptQueue<Incoming> incoming;
  private final Threads threads;
  private final List<Runnable> first = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /**
   * The threads of an endpoint.
   *
   * @param callbacks where it is the endpoint's own, else null
   */
  record Threads(
      EventLoopGroup loops, ExecutorService tlsTasks, @Nullable ExecutorService callbacks) {
    void stop() {
      loops.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1000);
      tlsTasks.shutdown();
      if (callbacks != null) {
        callbacks.shutdown();
      }
    }
  }

  EndpointEnd(
      NodeId id,
      QuicStack quic,
      MagicSocket socket,
      EndpointDiscovery discovery,
      AcceptQueue<Incoming> incoming,
      Threads threads) {
    this.id = id;
    this.quic = quic;
    this.socket = socket;
    this.discovery = discovery;
    this.incoming = incoming;
    this.threads = threads;
  }

  boolean begun() {
    return closing.get();
  }

  CompletableFuture<Void> closed() {
    return closed;
  }

  /** Runs {@code task} before the connections are closed; {@link #remove} takes it back. */
  void before(Runnable task) {
    first.add(task);
  }

  void remove(Runnable task) {
    first.remove(task);
  }

  /** Starts the closing, once; nobody waits here. */
  void begin(Duration limit, long code, String reason) {
    if (closing.compareAndSet(false, true)) {
      thread(() -> run(bounded(limit), code, reason));
    }
  }

  /** Waits for the end, as long as the limit and the threads' last half second. */
  void await(Duration limit) {
    Blocking.awaitEnd(closed, bounded(limit).plusMillis(500));
  }

  private static Duration bounded(Duration limit) {
    if (limit.isNegative()) {
      return Duration.ZERO;
    }
    return limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
  }

  private static void thread(Runnable task) {
    Thread thread = new Thread(task, "warren-close");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Duration limit, long code, String reason) {
    try {
      incoming.end(() -> new PeerConnectException(Kind.CLOSED, null, "the endpoint is closed"));
      long begun = System.nanoTime();
      CompletableFuture<Void> discovered = discovery.closeAsync();
      if (!first.isEmpty()) {
        // The application's code: it may think for longer than we wait.
        Blocking.awaitEnd(
            CompletableFuture.runAsync(() -> first.forEach(Runnable::run), EndpointEnd::thread),
            limit.dividedBy(4));
      }
      Blocking.awaitEnd(quic.close(code, reason), limit.dividedBy(2));
      Duration third = limit.dividedBy(3).minusNanos(System.nanoTime() - begun);
      Duration eighth = limit.dividedBy(8);
      Blocking.awaitEnd(discovered, third.compareTo(eighth) > 0 ? third : eighth);
      discovery.terminate();
      Blocking.awaitEnd(socket.closeAsync(), limit.dividedBy(8));
      quic.terminate();
    } catch (RuntimeException e) {
      LOG.warn("closing: {}", e.toString());
    } finally {
      threads.stop();
      closed.complete(null);
      LOG.info("closed {}", id.toShortString());
    }
  }
}
