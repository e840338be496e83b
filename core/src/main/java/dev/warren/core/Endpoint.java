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
import dev.warren.core.io.Promises;
import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.QuicStack;
import dev.warren.core.io.TlsContexts;
import dev.warren.core.logic.CloseReasons;
import dev.warren.magicsock.DatagramTransport;
import dev.warren.magicsock.MagicSocket;
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
  private final EndpointDiscovery discovery;
  private final EndpointEnd end;
  private final Hooks hooks;
  private final Dialling dialling;

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
                .onLost(peer -> onLost(self, peer))
                .onNetworkChange(() -> onNetworkChange(self))
                .bind();
      } catch (EndpointBindException | RuntimeException e) {
        quic.terminate(); // or the codecs' native memory stays
        throw e;
      }
      try {
        this.discovery = new EndpointDiscovery(config, socket, callbacks);
      } catch (EndpointBindException | RuntimeException e) {
        socket.close();
        quic.terminate();
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
    this.end = new EndpointEnd(id, quic, socket, discovery, incoming, threads);
    this.hooks = new Hooks(config.hooks, CallbackExecutors.neverRejecting(callbacks));
    this.dialling = new Dialling(config, id, socket, quic, discovery, hooks, end);
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

  /**
   * Dials a bare id: every {@link EndpointBuilder#discovery discovery service} is asked where it
   * is. Without any it needs addresses learned before, or relays of ours, where the peer may be
   * too.
   */
  public Connection connect(NodeId peer, Alpn alpn) throws PeerException, InterruptedIOException {
    return connect(NodeAddr.of(peer), alpn);
  }

  /** As {@link #connectAsync}, waiting for the result; an interrupt aborts the attempt. */
  public Connection connect(NodeAddr addr, Alpn alpn, ConnectOptions options)
      throws PeerException, InterruptedIOException {
    Blocking.assertAllowed();
    return Blocking.await(dialling.dial(addr, alpn, options, this), PeerException.class, "connect");
  }

  /**
   * Dials {@code addr}: the first flight goes out at once on the relay and on every direct address.
   * Unless the peer was heard within the last seconds, the discovery services are asked for more at
   * the same time; what they find is tried as it comes, also after the connection is there. With no
   * address at all the first finding begins the dial.
   *
   * <p>The future fails with {@link PeerConnectException}, whose kind says what to do: IDENTITY
   * (another node answered), ALPN, REFUSED, UNREACHABLE (with each path tried, and what each
   * service said), NO_ADDRESS (nothing to try: at once, or when the services have found nothing).
   * It completes on the callback executor; cancelling it aborts the attempt. The server has not
   * judged <em>our</em> identity yet when it completes (TLS 1.3): a refusal ends the connection a
   * round trip later.
   */
  public CompletableFuture<Connection> connectAsync(
      NodeAddr addr, Alpn alpn, ConnectOptions options) {
    CompletableFuture<Connection> dial = dialling.dial(addr, alpn, options, this);
    return Promises.expose(dial, callbacks, () -> dial.cancel(true), Connection::close);
  }

  /** As {@link #connectEarlyAsync}, waiting for the result; an interrupt aborts the attempt. */
  public EarlyConnection connectEarly(NodeAddr addr, Alpn alpn, ConnectOptions options)
      throws PeerException, InterruptedIOException {
    Blocking.assertAllowed();
    return Blocking.await(
        dialling.dialEarly(addr, alpn, options, this), PeerException.class, "connectEarly");
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
    CompletableFuture<EarlyConnection> dial = dialling.dialEarly(addr, alpn, options, this);
    return Promises.expose(dial, callbacks, () -> dial.cancel(true), EarlyConnection::close);
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
    hooks.admit(
        connection,
        rejected -> {
          if (rejected == null) {
            offer(connection);
          }
        });
  }

  private static void onLost(WeakReference<Endpoint> self, NodeId peer) {
    Endpoint endpoint = self.get();
    if (endpoint != null) {
      endpoint.discovery.onLost(peer);
    }
  }

  private void offer(QuicConnection connection) {
    if (!incoming.offer(new Incoming(connection))) {
      quic.counters().acceptQueueFull.increment();
      connection.close(CloseReasons.CONNECTION_REFUSED, "accept queue is full");
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

  // ---- others ----

  /** What is known of another node's addresses, and from whom; empty if nothing is. */
  public Optional<RemoteInfo> remoteInfo(NodeId peer) {
    return socket.knownPeer(peer).flatMap(RemoteInfo::of);
  }

  /** The same of every node of which something is known: those in use, and up to 1024 others. */
  public List<RemoteInfo> remotes() {
    return socket.knownPeers().stream().map(RemoteInfo::of).flatMap(Optional::stream).toList();
  }

  /** The discovery services, to add and remove some, and to ask them. */
  public EndpointDiscovery discovery() {
    return discovery;
  }

  // ---- surroundings ----

  private static void onNetworkChange(WeakReference<Endpoint> self) {
    Endpoint endpoint = self.get();
    if (endpoint != null) {
      endpoint.discovery.networkChanged();
    }
  }

  /**
   * Looks at the network anew: every path and relay is probed. An endpoint notices by itself when
   * addresses or default routes of the host change, within half a second while it has peers; call
   * this where the application knows better, as on a mobile system that says so.
   */
  public void networkChanged() {
    socket.networkChanged();
    discovery.networkChanged();
  }

  /** Current values of all counters, by name. */
  public EndpointMetrics metrics() {
    return EndpointMetrics.of(quic.counters(), socket.metrics(), discovery.all());
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
   * peers. In this order: nothing more is accepted, the discovery services begin to close, so that
   * nobody new comes, the handlers of a {@link Router} are told, the connections are closed, the
   * services have a third of the limit to end, from the beginning, then the relay and the sockets,
   * the threads.
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
