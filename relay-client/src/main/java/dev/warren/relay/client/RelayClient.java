package dev.warren.relay.client;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.relay.client.io.RelayChannel;
import dev.warren.relay.client.logic.Backoff;
import dev.warren.relay.client.logic.Liveness;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to one relay that keeps itself alive.
 *
 * <pre>
 * WAITING --delay over--> DIALLING --authenticated--> CONNECTED
 *    ^                       | 10 s, refused, error      | lost, no pong, stuck write
 *    '-----------------------'---------------------------'      CLOSED from anywhere
 * </pre>
 *
 * Every state but WAITING and CLOSED has a deadline that {@link Liveness} watches, so none lasts
 * for ever. Retries never end; they wait 10 ms to 32 s, and 100 to 500 ms after a connection that
 * had worked. Each goes to the next address of the relay's host, until one works. What is sent
 * while not connected is dropped: datagrams are worth nothing later.
 *
 * <p>State belongs to the event loop; public methods say where they may be called.
 */
public final class RelayClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RelayClient.class);

  /** Longest and least time between checks: a stuck write announces itself by nothing. */
  private static final long CHECK_MAX = 5_000_000_000L;

  private static final long CHECK_MIN = 10_000_000L;

  /** Datagrams that wait for a connection, and how long (relay-protocol section A9). */
  private static final int MAX_WAITING = 64;

  private static final long WAIT_NANOS = 3_000_000_000L;

  private record Waiting(NodeId destination, ByteBuf data, int segmentSize, long since) {}

  private final RelayUrl url;
  private final SecretKey key;
  private final EventLoop loop;
  private final RelayTrust trust;
  private final RelayListener listener;
  private final Executor callbacks;
  private final WatchableValue<RelayStatus> status;
  private final RelayClientBuilder.Lookup lookup;
  private final Backoff backoff;
  private final Liveness liveness = new Liveness();
  private final LongAdder dropped = new LongAdder();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  // Event loop.
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private @Nullable RelayChannel channel;
  private @Nullable ScheduledFuture<?> check;
  private @Nullable ScheduledFuture<?> redial;
  private boolean connected;
  private boolean established;
  private boolean ended;

  /** Between two dials. */
  private boolean resting;

  /** Tells what belongs to this dial or connection from what an earlier one left behind. */
  private int generation;

  /** Which of the host's addresses is next. */
  private int address;

  private String lastCause = "";

  RelayClient(RelayClientBuilder config) {
    this.url = config.url;
    this.key = config.key;
    this.loop = config.loop;
    this.trust = config.trust;
    this.listener = config.listener;
    this.callbacks = config.callbacks;
    this.lookup = config.lookup;
    this.backoff = config.backoff;
    this.status = new WatchableValue<>(new RelayStatus.Connecting(url), callbacks);
  }

  /** {@code loop} must be a NIO or epoll loop. */
  public static RelayClientBuilder builder(RelayUrl url, SecretKey key, EventLoop loop) {
    return new RelayClientBuilder(url, key, loop);
  }

  /** Starts dialling. Any thread, once. */
  public RelayClient start() {
    onLoop(this::dial);
    return this;
  }

  public RelayUrl url() {
    return url;
  }

  public Watcher<RelayStatus> status() {
    return status;
  }

  /** Datagrams dropped: not connected, or more waiting than the connection takes. */
  public long dropped() {
    return dropped.sum();
  }

  public boolean isConnected() {
    return status.get() instanceof RelayStatus.Connected;
  }

  // ---- sending, event loop only ----

  /**
   * Sends a datagram, or a batch cut every {@code segmentSize} bytes (0: one). Takes ownership.
   * False if it was dropped and counted. Event loop only; follow with {@link #flush()}.
   */
  public boolean send(NodeId destination, ByteBuf data, int segmentSize) {
    if (!connected) {
      return queue(destination, data, segmentSize);
    }
    if (!channel.send(destination, data, segmentSize)) {
      dropped.increment();
      return false;
    }
    return true;
  }

  /** A dial's first flight should not be lost because the relay is being dialled too. */
  private boolean queue(NodeId destination, ByteBuf data, int segmentSize) {
    long now = System.nanoTime();
    while (!waiting.isEmpty() && now - waiting.peek().since() > WAIT_NANOS) {
      waiting.poll().data().release();
      dropped.increment();
    }
    if (ended || waiting.size() >= MAX_WAITING) {
      data.release();
      dropped.increment();
      return false;
    }
    waiting.add(new Waiting(destination, data, segmentSize, now));
    return true;
  }

  private void sendWaiting() {
    for (Waiting w = waiting.poll(); w != null; w = waiting.poll()) {
      if (System.nanoTime() - w.since() > WAIT_NANOS
          || !channel.send(w.destination(), w.data().retain(), w.segmentSize())) {
        dropped.increment();
      }
      w.data().release();
    }
    channel.flush();
  }

  public void flush() {
    if (connected) {
      channel.flush();
    }
  }

  // ---- life ----

  private void dial() {
    if (ended) {
      return;
    }
    int attempt = ++generation;
    int which = address;
    resting = false;
    liveness.onDial(System.nanoTime());
    scheduleCheck();
    try {
      callbacks.execute(() -> resolve(attempt, which));
    } catch (RejectedExecutionException busyOrClosed) {
      // If its owner has closed it, our own close is to come.
      lost(attempt, "the callback executor takes no look-up of " + url.host());
    }
  }

  /** Blocking look-up, so on the callback executor; literal addresses cost nothing. */
  private void resolve(int attempt, int which) {
    try {
      InetAddress[] all = lookup.all(url.host());
      InetSocketAddress target =
          new InetSocketAddress(all[Math.floorMod(which, all.length)], url.port());
      onLoop(() -> connect(attempt, target));
    } catch (UnknownHostException e) {
      onLoop(() -> lost(attempt, "the host " + url.host() + " is unknown"));
    }
  }

  private void connect(int attempt, InetSocketAddress target) {
    if (attempt != generation || ended) {
      return;
    }
    channel =
        RelayChannel.open(
            loop, target, url, key, url.isSecure() ? trust.context() : null, new Events(attempt));
  }

  private final class Events implements RelayChannel.Events {
    private final int attempt;

    Events(int attempt) {
      this.attempt = attempt;
    }

    @Override
    public void connected() {
      if (attempt != generation || ended) {
        return;
      }
      connected = true;
      established = false;
      liveness.onConnected(System.nanoTime());
      LOG.debug("relay {} connected", url);
      status.set(new RelayStatus.Connected(url, Duration.ZERO));
      listener.onConnected();
      sendWaiting();
      ping();
    }

    @Override
    public void pong() {
      if (attempt == generation && liveness.waitingForPong()) {
        long rtt = liveness.onPong(System.nanoTime());
        established = true;
        backoff.reset();
        status.set(new RelayStatus.Connected(url, Duration.ofNanos(rtt)));
      }
    }

    @Override
    public void received() {
      liveness.onReceived(System.nanoTime());
    }

    @Override
    public void datagrams(NodeId source, ByteBuf data, int segmentSize) {
      listener.onDatagrams(source, data, segmentSize);
    }

    @Override
    public void readComplete() {
      listener.onReadComplete();
    }

    @Override
    public void gone(NodeId id) {
      listener.onPeerGone(id);
    }

    @Override
    public void closed(String cause) {
      lost(attempt, cause);
    }
  }

  private void ping() {
    liveness.onPingSent(System.nanoTime());
    channel.ping();
    scheduleCheck();
  }

  private void scheduleCheck() {
    cancel(check);
    long in = liveness.due() - System.nanoTime();
    check =
        loop.schedule(
            this::check, Math.max(CHECK_MIN, Math.min(CHECK_MAX, in)), TimeUnit.NANOSECONDS);
  }

  private void check() {
    long now = System.nanoTime();
    if (ended || resting) {
      // The next dial schedules the next check.
      return;
    }
    if (connected && channel.stuck(now)) {
      lost(generation, "a write was stuck for 15 s");
      return;
    }
    switch (liveness.check(now)) {
      case PING -> ping();
      case GIVE_UP ->
          lost(generation, connected ? "no answer to a ping" : "no connection within 10 s");
      case NONE -> scheduleCheck();
    }
  }

  private void lost(int attempt, String cause) {
    if (attempt != generation || ended) {
      return;
    }
    generation++;
    boolean worked = connected;
    connected = false;
    resting = true;
    RelayChannel old = channel;
    channel = null;
    if (old != null) {
      old.close();
    }
    if (!cause.equals(lastCause)) {
      lastCause = cause;
      LOG.debug("relay {}: {}", url, cause);
    }
    boolean good = worked && established;
    if (!good) {
      address++;
    }
    long delay = good ? backoff.afterLoss() : backoff.next();
    redial = loop.schedule(this::dial, delay, TimeUnit.MILLISECONDS);
    status.set(new RelayStatus.Reconnecting(url, Math.max(1, backoff.attempts()), cause));
    if (worked) {
      listener.onDisconnected();
    }
  }

  /** Tests the connection now, or dials now if it waits. Any thread. */
  public void networkChanged() {
    onLoop(
        () -> {
          if (ended) {
            return;
          }
          if (connected && !liveness.waitingForPong()) {
            ping();
          } else if (!connected) {
            backoff.reset(); // what failed on the old network says nothing of the new one
            if (resting) {
              cancel(redial);
              dial();
            }
          }
        });
  }

  private static void cancel(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Says goodbye and ends. Any thread, idempotent; {@link #closed()} tells when. */
  @Override
  public void close() {
    onLoop(
        () -> {
          if (ended) {
            return;
          }
          ended = true;
          connected = false;
          cancel(check);
          cancel(redial);
          waiting.forEach(w -> w.data().release());
          waiting.clear();
          if (channel != null) {
            channel.goodbye().addListener(f -> closed.complete(null));
          } else {
            closed.complete(null);
          }
        });
  }

  /** Completes when {@link #close()} has ended the connection, or its event loop is gone. */
  public CompletableFuture<Void> closed() {
    return closed.copy();
  }

  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException loopIsGone) {
        closed.complete(null);
      }
    }
  }
}
