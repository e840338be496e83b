package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.core.PeerLookups.PeerLookup;
import dev.warren.core.io.Dial;
import dev.warren.core.io.QuicConnection;
import dev.warren.core.io.QuicStack;
import dev.warren.magicsock.MagicSocket;
import dev.warren.magicsock.Peer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint dials. Unless the peer is reached right now, a lookup by every discovery service
 * begins with the dial. What is known already is tried meanwhile; with nothing but an id the first
 * finding is waited for. Any thread.
 */
final class Dialling {
  /** What a dial is left that had to wait for its whole limit: an error soon. */
  private static final Duration LEAST = Duration.ofMillis(1);

  private final EndpointBuilder config;
  private final NodeId id;
  private final MagicSocket socket;
  private final QuicStack quic;
  private final EndpointDiscovery discovery;
  private final Hooks hooks;
  private final EndpointEnd end;

  Dialling(
      EndpointBuilder config,
      NodeId id,
      MagicSocket socket,
      QuicStack quic,
      EndpointDiscovery discovery,
      Hooks hooks,
      EndpointEnd end) {
    this.config = config;
    this.id = id;
    this.socket = socket;
    this.quic = quic;
    this.discovery = discovery;
    this.hooks = hooks;
    this.end = end;
  }

  // ---- what the endpoint offers ----

  /** {@code owner} is not garbage while the dial or its connection lives. */
  CompletableFuture<Connection> dial(
      NodeAddr addr, Alpn alpn, ConnectOptions options, Object owner) {
    Attempt attempt = new Attempt(addr.id(), alpn, options.timeout(), owner);
    CompletableFuture<Connection> result = attempt.admitted();
    attempt.cancelWith(result);
    attempt.start(addr);
    return result;
  }

  CompletableFuture<EarlyConnection> dialEarly(
      NodeAddr addr, Alpn alpn, ConnectOptions options, Object owner) {
    if (!config.earlyData) {
      throw new IllegalStateException(
          "early data is off: allow it with Endpoint.builder().earlyData(true)");
    }
    Attempt attempt = new Attempt(addr.id(), alpn, options.timeout(), owner);
    CompletableFuture<EarlyConnection> result = attempt.early();
    attempt.cancelWith(result);
    attempt.start(addr);
    return result;
  }

  // ---- one dial ----

  private final class Attempt {
    private final NodeId peer;
    private final Alpn alpn;
    private final Duration limit;
    private final Object owner;
    private final long begun = System.nanoTime();
    private final CompletableFuture<Dial> dialled = new CompletableFuture<>();
    private final AtomicBoolean dialling = new AtomicBoolean();
    private volatile @Nullable PeerLookup lookup;

    Attempt(NodeId peer, Alpn alpn, Duration limit, Object owner) {
      this.peer = peer;
      this.alpn = alpn;
      this.limit = limit;
      this.owner = owner;
    }

    void start(NodeAddr addr) {
      try {
        check(addr);
      } catch (PeerException e) {
        dialled.completeExceptionally(e);
        return;
      }
      Optional<PeerLookup> looking = discovery.lookFor(peer);
      looking.ifPresent(l -> lookup = l);
      if (socket.canReach(peer)) {
        dial(limit);
      } else if (looking.isPresent()) {
        await(looking.get());
      } else {
        dialled.completeExceptionally(noWay());
      }
    }

    private void check(NodeAddr addr) throws PeerException {
      if (end.begun()) {
        throw new PeerConnectException(Kind.CLOSED, peer, "the endpoint is closed; bind a new one");
      }
      if (peer.equals(id)) {
        throw new PeerConnectException(
            Kind.NO_ADDRESS, id, "this is our own id: nobody else can have it");
      }
      hooks.beforeConnect(addr, alpn);
      socket.addAddr(addr, "application");
    }

    // ---- with nothing but an id ----

    private void await(PeerLookup looking) {
      looking
          .usable()
          .whenComplete(
              (found, failure) -> {
                if (failure == null || socket.canReach(peer)) {
                  dial(left());
                } else {
                  dialled.completeExceptionally(notFound(looking, failure));
                }
              });
      if (!dialled.isDone()) {
        giveUpAfter(limit, looking);
      }
    }

    private void giveUpAfter(Duration wait, PeerLookup looking) {
      try {
        Future<?> timer =
            discovery
                .clock()
                .schedule(
                    () -> dialled.completeExceptionally(notFound(looking, null)),
                    wait.toMillis(),
                    TimeUnit.MILLISECONDS);
        dialled.whenComplete((dial, failure) -> timer.cancel(false));
      } catch (RejectedExecutionException closing) {
        dialled.completeExceptionally(
            new PeerConnectException(Kind.CLOSED, peer, "the endpoint is closed; bind a new one"));
      }
    }

    /** Of the limit, after a wait. */
    private Duration left() {
      Duration left = limit.minusNanos(System.nanoTime() - begun);
      return left.compareTo(LEAST) < 0 ? LEAST : left;
    }

    /** Of several callers the first does it. */
    private void dial(Duration within) {
      if (dialled.isDone() || !dialling.compareAndSet(false, true)) {
        return;
      }
      Peer to = socket.peer(peer);
      to.dialStarted();
      Dial dial = quic.dial(to, peer, alpn, within, owner);
      if (!dialled.complete(dial)) {
        dial.cancel(); // the caller gave up just now
      }
    }

    private PeerConnectException noWay() {
      return new PeerConnectException(
          Kind.NO_ADDRESS,
          peer,
          "no way to find "
              + peer.toShortString()
              + " is configured: dial a ticket or a NodeAddr with addresses, or configure a relay or"
              + " a discovery service");
    }

    private Throwable notFound(PeerLookup looking, @Nullable Throwable failure) {
      if (failure instanceof PeerException closed) {
        return closed;
      }
      String time = failure == null ? " within " + limit.toMillis() + " ms" : "";
      PeerConnectException e =
          new PeerConnectException(
              Kind.NO_ADDRESS,
              peer,
              "no address of "
                  + peer.toShortString()
                  + " was found"
                  + time
                  + " ("
                  + looking.describe()
                  + "): is the id right, and is the node up and published?");
      looking.causes().forEach(e::addSuppressed);
      return e;
    }

    // ---- results ----

    /** The connection once its handshake has ended and the hooks have nothing against it. */
    CompletableFuture<Connection> admitted() {
      CompletableFuture<Connection> result = new CompletableFuture<>();
      dialled.whenComplete(
          (dial, failure) -> {
            if (failure != null) {
              result.completeExceptionally(failure);
            } else {
              admit(dial, result);
            }
          });
      return result;
    }

    private void admit(Dial dial, CompletableFuture<Connection> result) {
      dial.ready()
          .whenComplete(
              (connection, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(withLookup(failure));
                } else {
                  hooks.admit(connection, rejected -> judged(connection, rejected, result));
                }
              });
    }

    private void judged(
        QuicConnection connection,
        @Nullable PeerException rejected,
        CompletableFuture<Connection> result) {
      if (rejected != null) {
        result.completeExceptionally(rejected);
        return;
      }
      Connection opened = new Connection(connection);
      if (!result.complete(opened)) {
        opened.close(); // the dial was cancelled: nobody else would close it
      }
    }

    CompletableFuture<EarlyConnection> early() {
      CompletableFuture<EarlyConnection> result = new CompletableFuture<>();
      dialled.whenComplete(
          (dial, failure) -> {
            if (failure != null) {
              result.completeExceptionally(failure);
            } else {
              handEarly(dial, result);
            }
          });
      return result;
    }

    private void handEarly(Dial dial, CompletableFuture<EarlyConnection> result) {
      CompletableFuture<Connection> admitted = new CompletableFuture<>();
      admit(dial, admitted);
      dial.early()
          .whenComplete(
              (connection, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(withLookup(failure));
                } else if (connection.phase() == QuicConnection.Phase.EARLY) {
                  hand(new EarlyConnection(connection, admitted, true), result);
                } else {
                  handAdmitted(connection, admitted, result);
                }
              });
    }

    private void handAdmitted(
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

    private void hand(EarlyConnection early, CompletableFuture<EarlyConnection> result) {
      if (!result.complete(early)) {
        early.close(); // the dial was cancelled: nobody else would close it
      }
    }

    /** A peer that does not answer where it was thought to be: what the services say matters. */
    private Throwable withLookup(Throwable failure) {
      PeerLookup looked = lookup == null ? discovery.running(peer).orElse(null) : lookup;
      if (looked == null
          || !(failure instanceof PeerConnectException e)
          || e.kind() != Kind.UNREACHABLE) {
        return failure;
      }
      PeerConnectException more =
          new PeerConnectException(
              e.kind(), peer, e.getMessage() + "; looked up: " + looked.describe());
      looked.causes().forEach(more::addSuppressed);
      return more;
    }

    // ---- cancelling ----

    void cancelWith(CompletableFuture<?> result) {
      result.whenComplete(
          (c, failure) -> {
            if (result.isCancelled()) {
              cancel();
            }
          });
    }

    private void cancel() {
      dialled.completeExceptionally(new CancellationException());
      if (!dialled.isCompletedExceptionally()) {
        dialled.join().cancel();
      }
    }
  }
}
