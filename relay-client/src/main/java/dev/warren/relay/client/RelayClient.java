package dev.warren.relay.client;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.WatchableValue;
import dev.warren.base.Watcher;
import dev.warren.relay.client.io.RelayChannel;
import dev.warren.relay.client.logic.Redial;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.relay.client.wire.BearerToken;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to one relay, of whatever generation, that keeps itself alive.
 *
 * <pre>
 * WAITING --delay over--> DIALLING --authenticated--> CONNECTED
 *    ^                       | 10 s, refused, error      | lost, no pong, stuck write
 *    '-----------------------'---------------------------'      CLOSED from anywhere
 * </pre>
 *
 * Every state but WAITING and CLOSED has a deadline, see {@link ConnectionWatch}, so none lasts for
 * ever. Retries never end; how long each waits says {@link Redial}. Each dials all addresses of the
 * relay's host until one answers. A relay that refuses us is left alone for long, see {@link
 * RelayStatus.NotAuthorized}. What is sent while not connected waits for 3 s at most and is then
 * dropped: datagrams are worth nothing later.
 *
 * <p>State belongs to the event loop; public methods say where they may be called.
 */
public final class RelayClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RelayClient.class);

  private final RelayUrl url;
  private final EventLoop loop;
  private final RelayListener listener;
  private final WatchableValue<RelayStatus> status;
  private final WatchableValue<RelayHealth> health;
  private final DialPreparation preparation;
  private final Redial redial;
  private final DialPause pause;
  private final ConnectionWatch watch;
  private final LongAdder dropped = new LongAdder();
  private final WaitingDatagrams waiting = new WaitingDatagrams(dropped);
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  // Event loop.
  private @Nullable RelayChannel channel;
  private @Nullable String token;
  private boolean connected;
  private boolean established;
  private boolean ended;

  /** Tells what belongs to this dial or connection from what an earlier one left behind. */
  private int generation;

  /** Which of the host's addresses is the first to be tried. */
  private int address;

  private String lastCause = "";

  RelayClient(RelayClientBuilder config) {
    this.url = config.url;
    this.loop = config.loop;
    this.listener = config.listener;
    this.redial = config.redial;
    this.watch = new ConnectionWatch(loop, new Watched());
    this.preparation = new DialPreparation(config, this::connect);
    TokenWatch tokens = new TokenWatch(loop, config.callbacks, config.token);
    this.pause = new DialPause(loop, config.redial, tokens, this::dial);
    this.status = new WatchableValue<>(new RelayStatus.Connecting(url), config.callbacks);
    this.health = new WatchableValue<>(RelayHealth.GOOD, config.callbacks);
  }

  /** {@code loop} must be a NIO or epoll loop. */
  public static RelayClientBuilder builder(RelayUrl url, SecretKey key, EventLoop loop) {
    return new RelayClientBuilder(url, key, loop);
  }

  /**
   * Returns the token if it can be sent: visible ASCII without blanks, at most 8192 characters.
   *
   * @throws IllegalArgumentException otherwise; the message does not repeat it
   */
  public static String checkToken(String token) {
    return BearerToken.check(token);
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

  /** What the relay says about this connection; each new one begins healthy. */
  public Watcher<RelayHealth> health() {
    return health;
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
      return waiting.add(destination, data, segmentSize, System.nanoTime());
    }
    if (!channel.send(destination, data, segmentSize)) {
      dropped.increment();
      return false;
    }
    return true;
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
    generation++;
    pause.end();
    watch.onDial();
    preparation.begin(address);
  }

  private void connect(DialPreparation.Prepared prepared) {
    if (ended || pause.resting()) {
      return;
    }
    int attempt = generation;
    token = prepared.token();
    if (prepared.dial() == null) {
      lost(attempt, prepared.failure(), prepared.why());
      return;
    }
    RelayChannel opened = RelayChannel.open(loop, prepared.dial(), new Events(attempt));
    if (attempt == generation) {
      channel = opened;
    }
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
      watch.onConnected();
      redial.onConnected(System.nanoTime());
      LOG.debug("relay {} connected", url);
      health.set(RelayHealth.GOOD);
      status.set(new RelayStatus.Connected(url, Duration.ZERO));
      listener.onConnected();
      if (!ended) {
        waiting.sendAll(channel::send, System.nanoTime());
        ping();
        listener.onStatus(status.get());
      }
    }

    @Override
    public void pong() {
      if (attempt == generation && watch.waitingForPong()) {
        long rtt = watch.onPong();
        established = true;
        redial.onEstablished();
        become(new RelayStatus.Connected(url, Duration.ofNanos(rtt)), false);
      }
    }

    @Override
    public void received() {
      watch.onReceived();
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
    public void health(RelayHealth now) {
      if (health.set(now)) {
        LOG.debug("relay {} says: {}", url, now.text());
        listener.onHealth(now);
      }
    }

    @Override
    public void restarting(long reconnectIn, long tryFor) {
      LOG.debug("relay {} restarts: back in {} ms, try for {} ms", url, reconnectIn, tryFor);
      redial.onRestarting(reconnectIn, tryFor, System.nanoTime());
    }

    @Override
    public void closed(RelayFailure kind, String cause) {
      lost(attempt, kind, cause);
    }
  }

  private void ping() {
    watch.onPingSent();
    channel.ping();
  }

  private final class Watched implements ConnectionWatch.Orders {
    @Override
    public void ping() {
      RelayClient.this.ping();
    }

    @Override
    public boolean endIfStuck(long now) {
      boolean stuck = connected && channel.stuck(now);
      if (stuck) {
        lost(generation, RelayFailure.TIMEOUT, "a write was stuck for 15 s");
      }
      return stuck;
    }

    @Override
    public void giveUp() {
      String where = channel == null ? preparation.progress() : channel.progress();
      lost(
          generation,
          RelayFailure.TIMEOUT,
          connected ? "no answer to a ping" : "no connection within 10 s: " + where);
    }
  }

  private void lost(int attempt, RelayFailure kind, String cause) {
    if (attempt != generation || ended) {
      return;
    }
    generation++;
    boolean worked = connected;
    connected = false;
    watch.stop();
    RelayChannel old = channel;
    channel = null;
    if (old != null) {
      old.close();
    }
    if (!cause.equals(lastCause)) {
      lastCause = cause;
      LOG.debug("relay {}: {}", url, cause);
    }
    if (kind == RelayFailure.NOT_AUTHORIZED) {
      long delay = pause.afterDenial(token);
      become(new RelayStatus.NotAuthorized(url, cause, Duration.ofMillis(delay)), worked);
    } else {
      rest(worked, kind);
      become(new RelayStatus.Reconnecting(url, redial.attempts(), cause, kind), worked);
    }
  }

  private void become(RelayStatus now, boolean disconnected) {
    boolean changed = status.set(now);
    if (disconnected) {
      listener.onDisconnected();
    }
    if (changed) {
      listener.onStatus(now);
    }
  }

  private void rest(boolean worked, RelayFailure kind) {
    boolean good = worked && (established || kind == RelayFailure.GOING_AWAY);
    if (!good) {
      address++;
    }
    if (worked) {
      pause.afterConnection(good);
    } else {
      pause.afterFailure();
    }
  }

  /**
   * These are the host's addresses now: a connection from another one, but loopback, is dead, which
   * TCP would not notice for minutes, and so may be a dial that is under way. Any thread.
   */
  public void addressesAre(Set<InetAddress> own) {
    onLoop(
        () -> {
          InetSocketAddress from = connected ? channel.localAddress() : null;
          boolean dead =
              from != null
                  && !from.getAddress().isLoopbackAddress()
                  && !own.contains(from.getAddress());
          if (dead || !connected && !pause.resting()) {
            lost(generation, RelayFailure.LOST, "the host's addresses are others now");
          }
        });
  }

  /** Tests the connection now, or dials now if it waits. Any thread. */
  public void networkChanged() {
    onLoop(
        () -> {
          if (ended) {
            return;
          }
          if (!connected) {
            pause.onNetworkChange();
          } else if (!watch.waitingForPong()) {
            ping();
          }
        });
  }

  /** Dials now if it waits, and begins with short waits again. Any thread. */
  public void retryNow() {
    onLoop(
        () -> {
          if (!ended && !connected) {
            pause.cutShort();
          }
        });
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
          watch.stop();
          pause.end();
          waiting.close();
          if (channel != null) {
            channel.goodbye(() -> closed.complete(null));
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
