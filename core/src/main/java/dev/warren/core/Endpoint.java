package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.RelayUrl;
import dev.warren.base.Watcher;
import dev.warren.core.io.AcceptQueue;
import dev.warren.core.io.Blocking;
import dev.warren.core.io.CallbackExecutors;
import dev.warren.core.io.Dial;
import dev.warren.core.io.Promises;
import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.QuicStack;
import dev.warren.core.io.TlsContexts;
import dev.warren.core.logic.CloseReasons;
import dev.warren.magicsock.DatagramTransport;
import dev.warren.magicsock.MagicSocket;
import dev.warren.magicsock.Peer;
import dev.warren.relay.client.RelayStatus;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.ThreadExecutorMap;
import java.io.InterruptedIOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of the network: one identity, one magic socket, any number of connections.
 *
 * <pre>{@code
 * try (Endpoint endpoint = Endpoint.builder().bind();
 *     Connection connection = endpoint.connect(NodeTicket.parse(text).addr(), Alpn.of("echo/1"));
 *     BiStream stream = connection.openBi()) {
 *   stream.send().write("hello".getBytes(UTF_8));
 *   stream.send().finish();
 *   System.out.println(new String(stream.recv().readAll(1024), UTF_8));
 * }
 * }</pre>
 *
 * <p>Nothing is contacted that was not configured. Any thread may call any method; those that wait
 * do so on the calling thread, which must not be an event loop. Close it: it owns sockets, threads
 * and native memory.
 */
public final class Endpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);

  /** Bound of {@link #close()} (api-sketch section 2). */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

  private final EndpointBuilder config;
  private final NodeId id;
  private final ExecutorService callbacks;
  private final TlsContexts tls;
  private final MagicSocket socket;
  private final QuicStack quic;
  private final AcceptQueue<Incoming> incoming;
  private final EndpointEnd end;

  Endpoint(EndpointBuilder config) throws EndpointBindException {
    this.config = config;
    this.id = config.secretKey.nodeId();
    this.incoming = new AcceptQueue<>(config.transport.settings().acceptBacklog());
    DatagramTransport transport = config.datagramTransport();
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            config.shards,
            new DefaultThreadFactory("warren-io", true),
            transport.ioHandlerFactory());
    boolean ownsCallbacks = config.callbacks == null;
    this.callbacks = ownsCallbacks ? CallbackExecutors.create() : config.callbacks;
    ExecutorService tlsTasks = EndpointThreads.tlsTasks();
    EndpointEnd.Threads threads =
        new EndpointEnd.Threads(group, tlsTasks, ownsCallbacks ? callbacks : null);
    // The event loops must not keep an endpoint alive that the application has lost.
    WeakReference<Endpoint> self = new WeakReference<>(this);
    try {
      List<EventLoop> loops = new ArrayList<>();
      group.forEach(l -> loops.add((EventLoop) l));
      this.tls = new TlsContexts(config.identities(), config.resumption);
      tls.accept(config.alpns);
      this.quic =
          new QuicStack(
              new QuicStack.Config(
                  config.transport.settings(),
                  tls,
                  loops,
                  CallbackExecutors.neverRejecting(callbacks),
                  tlsTasks,
                  config.gate(),
                  config.qlog,
                  connection -> onIncoming(self, connection)));
      quic.start();
      try {
        this.socket =
            config
                .socket(MagicSocket.builder())
                .secretKey(config.secretKey)
                .eventLoop(loops.get(0))
                .callbacks(CallbackExecutors.neverRejecting(callbacks))
                .receiver(quic.receiver())
                .bind();
      } catch (EndpointBindException | RuntimeException e) {
        quic.terminate(); // or the codecs' native memory stays
        throw e;
      }
    } catch (EndpointBindException | RuntimeException e) {
      threads.stop();
      throw e;
    } catch (GeneralSecurityException e) {
      threads.stop();
      throw new EndpointBindException("no TLS identity could be made: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      threads.stop();
      throw new EndpointBindException("bind was interrupted", e);
    }
    this.end = new EndpointEnd(id, quic, socket, incoming, threads);
    UnclosedEndpoints.watch(this, end);
    LOG.info("bound {} on {}", id.toShortString(), socket.boundSockets());
  }

  public static EndpointBuilder builder() {
    return new EndpointBuilder();
  }

  // ---- who and where ----

  /** Our id. */
  public NodeId id() {
    return id;
  }

  /** What a peer needs to dial us: our id, the home relay we are connected to, direct addresses. */
  public NodeAddr addr() {
    return socket.addr().get();
  }

  /** {@link #addr()} as it changes. */
  public Watcher<NodeAddr> watchAddr() {
    return socket.addr();
  }

  /**
   * Whether this endpoint proves itself, and lets peers prove themselves, by raw public keys.
   * Without them nodes of iroh 1.x cannot be reached, nor reach us.
   */
  public boolean supportsRawPublicKeys() {
    return rawPublicKeysUnavailable().isEmpty();
  }

  /** Why it does not, in one clause; empty if it does. */
  public Optional<String> rawPublicKeysUnavailable() {
    return tls.identities().secondUnavailable();
  }

  /** The UDP sockets. */
  public List<InetSocketAddress> boundSockets() {
    return socket.boundSockets();
  }

  /**
   * How the connection to our home relay stands: the nearest of our relays that can be connected
   * to. If it is lost and another can be had, that one is home about a second later; {@link #addr}
   * names a relay only while it is connected.
   */
  public Watcher<RelayStatus> homeRelay() {
    return socket.homeRelay();
  }

  /**
   * How far our relays were when they were last measured, which is at least every five minutes: the
   * round trip of a request to each that answered. Empty with fewer than two relays, which are not
   * measured, and behind a proxy.
   */
  public Map<RelayUrl, Duration> relayLatencies() {
    return socket.relayLatencies();
  }

  /**
   * Adds a relay of ours, as {@link EndpointBuilder#relay} does; it becomes home if it is much
   * nearer. Nothing happens if it is one already, if relays are off, or after the close. Any
   * thread; returns at once.
   */
  public void insertRelay(RelayUrl url) {
    socket.insertRelay(Objects.requireNonNull(url, "url"));
  }

  /**
   * Takes a relay out of ours; if it was home, another becomes it. Connections live on: the one to
   * the relay is closed when it was not used for a minute. Nothing happens if it is not one of
   * ours, or after the close. Any thread; returns at once.
   */
  public void removeRelay(RelayUrl url) {
    socket.removeRelay(Objects.requireNonNull(url, "url"));
  }

  /**
   * Waits until a relay is <em>connected</em>; at once if none is configured.
   *
   * @throws PeerConnectException of kind TIMEOUT, with the last status
   */
  public void awaitOnline(Duration limit) throws PeerException, InterruptedIOException {
    Blocking.assertAllowed();
    try {
      socket
          .homeRelay()
          .awaitUntil(
              s -> s instanceof RelayStatus.Connected || s instanceof RelayStatus.Disabled, limit);
    } catch (TimeoutException e) {
      throw new PeerConnectException(
          Kind.TIMEOUT,
          null,
          "no relay within " + limit.toMillis() + " ms: " + socket.homeRelay().get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("awaitOnline was interrupted");
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  // ---- dialling ----

  /** Dials with the default options; see {@link #connectAsync}. */
  public Connection connect(NodeAddr addr, Alpn alpn) throws PeerException, InterruptedIOException {
    return connect(addr, alpn, ConnectOptions.DEFAULT);
  }

  /** Dials a bare id: needs a configured relay, or addresses of it learned before. */
  public Connection connect(NodeId peer, Alpn alpn) throws PeerException, InterruptedIOException {
    return connect(NodeAddr.of(peer), alpn);
  }

  /** As {@link #connectAsync}, waiting for the result; an interrupt aborts the attempt. */
  public Connection connect(NodeAddr addr, Alpn alpn, ConnectOptions options)
      throws PeerException, InterruptedIOException {
    Blocking.assertAllowed();
    return Blocking.await(dial(addr, alpn, options), PeerException.class, "connect");
  }

  /**
   * Dials {@code addr}: the first flight goes out at once on the relay and on every direct address.
   *
   * <p>The future fails with {@link PeerConnectException}, whose kind says what to do: IDENTITY
   * (another node answered), ALPN, REFUSED, UNREACHABLE (with each path tried), NO_ADDRESS (nothing
   * to try, at once). It completes on the callback executor; cancelling it aborts the attempt. The
   * server has not judged <em>our</em> identity yet when it completes (TLS 1.3): a refusal ends the
   * connection a round trip later.
   */
  public CompletableFuture<Connection> connectAsync(
      NodeAddr addr, Alpn alpn, ConnectOptions options) {
    CompletableFuture<Connection> dial = dial(addr, alpn, options);
    return Promises.expose(dial, callbacks, () -> dial.cancel(true), Connection::close);
  }

  private CompletableFuture<Connection> dial(NodeAddr addr, Alpn alpn, ConnectOptions options) {
    try {
      Dial dial = start(addr, alpn, options);
      CompletableFuture<Connection> result = admitted(dial);
      cancelWith(result, dial);
      return result;
    } catch (PeerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** As {@link #connectEarlyAsync}, waiting for the result; an interrupt aborts the attempt. */
  public EarlyConnection connectEarly(NodeAddr addr, Alpn alpn, ConnectOptions options)
      throws PeerException, InterruptedIOException {
    Blocking.assertAllowed();
    return Blocking.await(dialEarly(addr, alpn, options), PeerException.class, "connectEarly");
  }

  /**
   * Dials as {@link #connectAsync} does, and gives back a connection that can send before the
   * handshake has ended (0-RTT): see {@link EarlyConnection} for what that is worth, and what an
   * attacker can do with it.
   *
   * <p>It needs a ticket, which a peer that allows early data sends after each handshake, and which
   * serves once and for a limited time. Without one this is an ordinary dial: the future completes
   * when the handshake has, {@link EarlyConnection#isEarly} is false and {@link
   * EarlyConnection#handshake} returns at once. So it is where the QUIC codec's internals cannot be
   * reached (on the module path, without {@code --add-opens}).
   *
   * <p>Fails as {@link #connectAsync} does, or the handshake does so later. Cancelling aborts.
   *
   * @throws IllegalStateException if this endpoint was built without {@link
   *     EndpointBuilder#earlyData}
   */
  public CompletableFuture<EarlyConnection> connectEarlyAsync(
      NodeAddr addr, Alpn alpn, ConnectOptions options) {
    CompletableFuture<EarlyConnection> dial = dialEarly(addr, alpn, options);
    return Promises.expose(dial, callbacks, () -> dial.cancel(true), EarlyConnection::close);
  }

  private CompletableFuture<EarlyConnection> dialEarly(
      NodeAddr addr, Alpn alpn, ConnectOptions options) {
    if (!config.earlyData) {
      throw new IllegalStateException(
          "early data is off: allow it with Endpoint.builder().earlyData(true)");
    }
    try {
      Dial dial = start(addr, alpn, options);
      CompletableFuture<Connection> admitted = admitted(dial);
      CompletableFuture<EarlyConnection> result = new CompletableFuture<>();
      dial.early()
          .whenComplete(
              (connection, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else if (connection.phase() == QuicConnection.Phase.EARLY) {
                  hand(new EarlyConnection(connection, admitted, true), result);
                } else {
                  handAdmitted(connection, admitted, result);
                }
              });
      cancelWith(result, dial);
      return result;
    } catch (PeerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void handAdmitted(
      QuicConnection connection,
      CompletableFuture<Connection> admitted,
      CompletableFuture<EarlyConnection> result) {
    admitted.whenComplete(
        (c, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            hand(new EarlyConnection(connection, admitted, false), result);
          }
        });
  }

  private static void hand(EarlyConnection early, CompletableFuture<EarlyConnection> result) {
    if (!result.complete(early)) {
      early.close(); // the dial was cancelled: nobody else would close it
    }
  }

  private static void cancelWith(CompletableFuture<?> result, Dial dial) {
    result.whenComplete(
        (c, failure) -> {
          if (result.isCancelled()) {
            dial.cancel();
          }
        });
  }

  /** The connection once its handshake has ended and the hooks have nothing against it. */
  private CompletableFuture<Connection> admitted(Dial dial) {
    CompletableFuture<Connection> result = new CompletableFuture<>();
    dial.ready()
        .whenComplete(
            (connection, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                admit(connection, result);
              }
            });
    return result;
  }

  private void admit(QuicConnection connection, CompletableFuture<Connection> result) {
    if (config.hooks == null) {
      hand(connection, result);
      return;
    }
    CallbackExecutors.neverRejecting(callbacks)
        .execute(
            () -> {
              EndpointHooks.Verdict verdict = judge(connection);
              if (verdict instanceof EndpointHooks.Verdict.Reject reject) {
                connection.close(reject.code(), reject.reason());
                result.completeExceptionally(
                    new PeerConnectException(
                        Kind.REFUSED,
                        connection.remoteId(),
                        "a hook of this endpoint rejected the connection: " + reject.reason()));
              } else {
                hand(connection, result);
              }
            });
  }

  private static void hand(QuicConnection connection, CompletableFuture<Connection> result) {
    Connection opened = new Connection(connection);
    if (!result.complete(opened)) {
      opened.close(); // the dial was cancelled: nobody else would close it
    }
  }

  private Dial start(NodeAddr addr, Alpn alpn, ConnectOptions options) throws PeerException {
    if (end.begun()) {
      throw new PeerConnectException(
          Kind.CLOSED, addr.id(), "the endpoint is closed; bind a new one");
    }
    if (addr.id().equals(id)) {
      throw new PeerConnectException(
          Kind.NO_ADDRESS, id, "this is our own id: nobody else can have it");
    }
    if (config.hooks != null
        && ask("beforeConnect", () -> config.hooks.beforeConnect(addr, alpn))
            instanceof EndpointHooks.Verdict.Reject reject) {
      throw new PeerConnectException(
          Kind.REFUSED, addr.id(), "a hook of this endpoint rejected the dial: " + reject.reason());
    }
    socket.addAddr(addr, "application");
    if (!socket.canReach(addr.id())) {
      throw new PeerConnectException(
          Kind.NO_ADDRESS,
          addr.id(),
          "no way to find "
              + addr.id().toShortString()
              + " is configured: dial a ticket or a NodeAddr with addresses, or configure a relay or a"
              + " discovery service");
    }
    Peer peer = socket.peer(addr.id());
    peer.dialStarted();
    return quic.dial(peer, addr.id(), alpn, options.timeout(), this);
  }

  // ---- accepting ----

  /**
   * The protocols that we accept from now on; none refuses everybody. Existing connections live on.
   */
  public void setAlpns(Set<Alpn> alpns) {
    try {
      tls.accept(alpns);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("TLS takes none of " + alpns + ": " + e.getMessage(), e);
    }
  }

  private static void onIncoming(WeakReference<Endpoint> self, QuicConnection connection) {
    Endpoint endpoint = self.get();
    if (endpoint == null) {
      connection.close(CloseReasons.CONNECTION_REFUSED, "");
    } else {
      connection.keepAlive(endpoint);
      endpoint.onIncoming(connection);
    }
  }

  private void onIncoming(QuicConnection connection) {
    if (config.hooks == null) {
      offer(connection);
      return;
    }
    CallbackExecutors.neverRejecting(callbacks)
        .execute(
            () -> {
              if (judge(connection) instanceof EndpointHooks.Verdict.Reject reject) {
                connection.close(reject.code(), reject.reason());
              } else {
                offer(connection);
              }
            });
  }

  private void offer(QuicConnection connection) {
    if (!incoming.offer(new Incoming(connection))) {
      quic.counters().acceptQueueFull.increment();
      connection.close(CloseReasons.CONNECTION_REFUSED, "accept queue is full");
    }
  }

  private EndpointHooks.Verdict judge(QuicConnection connection) {
    return ask(
        "afterHandshake",
        () ->
            config.hooks.afterHandshake(
                new EndpointHooks.ConnectionInfo(
                    connection.remoteId(), connection.alpn(), connection.client())));
  }

  /** Who cannot say yes has not said yes. */
  private static EndpointHooks.Verdict ask(String hook, Supplier<EndpointHooks.Verdict> verdict) {
    try {
      return Objects.requireNonNull(verdict.get(), "no verdict");
    } catch (RuntimeException | Error e) {
      LOG.warn("{} hook failed, connection rejected: {}", hook, e.toString());
      return EndpointHooks.Verdict.reject(1, "hook failed");
    }
  }

  /** Waits for a connection; empty once the endpoint is closed. */
  public Optional<Incoming> accept() throws InterruptedIOException {
    try {
      return Optional.of(Blocking.await(incoming.take(), PeerException.class, "accept"));
    } catch (PeerException endpointClosed) {
      return Optional.empty();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Returns what was accepted by somebody who has stopped accepting. */
  void giveBack(Incoming unserved) {
    incoming.giveBack(unserved);
  }

  /** As {@link #accept} without blocking; cancelling gives up the place. */
  public CompletableFuture<Optional<Incoming>> acceptAsync() {
    CompletableFuture<Incoming> next = incoming.take();
    return Promises.expose(
        next.handle((arrived, endpointClosed) -> accepted(arrived)),
        callbacks,
        () -> next.cancel(true),
        late -> late.ifPresent(incoming::giveBack));
  }

  /** Not static: who waits for a connection keeps the endpoint. */
  private Optional<Incoming> accepted(@Nullable Incoming arrived) {
    return Optional.ofNullable(arrived);
  }

  // ---- surroundings ----

  /** The host application knows that the network changed: re-probe everything now. */
  public void networkChanged() {
    socket.networkChanged();
  }

  /** Current values of all counters, by name. */
  public EndpointMetrics metrics() {
    return EndpointMetrics.of(quic.counters(), socket.metrics());
  }

  // ---- end ----

  public boolean isClosed() {
    return end.begun();
  }

  /** Completes when everything is freed. */
  public CompletableFuture<Void> closed() {
    return end.closed().copy();
  }

  /**
   * Closes all connections with code 0 and frees everything: in about 3 s at most, never throws,
   * may be called from anywhere (on an event loop it only starts the closing) and again.
   *
   * <p>An endpoint that is forgotten instead is closed when it is garbage-collected and has no open
   * connections; a warning says so, and with {@code -Ddev.warren.endpointSites=true} where it was
   * bound.
   */
  @Override
  public void close() {
    close(CLOSE_LIMIT, 0, "");
  }

  /**
   * As {@link #close()} with a bound (an hour at most), and an application code and text for the
   * peers. In this order: nothing more is accepted, the handlers of a {@link Router} are told, the
   * connections are closed, the relay and the sockets, the threads.
   */
  public void close(Duration limit, long code, String reason) {
    end.begin(limit, Codes.check(code), reason);
    if (!(ThreadExecutorMap.currentExecutor() instanceof EventLoop)) {
      end.await(limit);
    }
  }

  EndpointEnd end() {
    return end;
  }

  ExecutorService callbacks() {
    return callbacks;
  }

  @Override
  public String toString() {
    return "Endpoint[" + id.toShortString() + "]";
  }
}
