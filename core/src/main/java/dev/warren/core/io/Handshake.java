package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import dev.warren.core.logic.CloseReasons;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection until its peer is known: whom we dialled, the proof, and the futures that tell how
 * it went.
 *
 * <p>Identity is read from this connection's own TLS session when the handshake has ended, resumed
 * or not, since trust managers are skipped on resumption; what does not match is closed in the same
 * call, before any stream or datagram is handed on.
 *
 * <p>Events on the connection's loop; what it tells, any thread.
 */
final class Handshake {
  private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

  /** bad_certificate, as TLS would have said it (RFC 9001 section 4.8). */
  private static final int BAD_CERTIFICATE = CloseReasons.CRYPTO_ERROR + 42;

  /** handshake_failure: among others, no form of identity in common (raw-public-keys section 5). */
  private static final int HANDSHAKE_FAILURE = CloseReasons.CRYPTO_ERROR + 40;

  private final QuicConnection connection;
  private final QuicStack stack;
  private final @Nullable NodeId expected;
  private final @Nullable Alpn offered;
  private final boolean x509Only;
  private final CompletableFuture<QuicConnection> ready = new CompletableFuture<>();
  private final CompletableFuture<QuicConnection> early = new CompletableFuture<>();
  private volatile Identities.@Nullable Proof proof;
  private volatile @Nullable Alpn alpn;
  private volatile boolean formRefused;

  /** {@code expected} and {@code offered} are null on the accepting side. */
  Handshake(
      QuicConnection connection,
      QuicStack stack,
      @Nullable NodeId expected,
      @Nullable Alpn offered,
      boolean x509Only) {
    this.connection = connection;
    this.stack = stack;
    this.expected = expected;
    this.offered = offered;
    this.x509Only = x509Only;
  }

  // ---- events ----

  /** 0-RTT data can be sent. */
  void earlyDataReady() {
    early.complete(connection);
  }

  /** TLS has ended: true if the peer is who it should be; else the connection is closed. */
  boolean prove() {
    QuicChannel quic = connection.channel();
    Optional<NodeId> shown = Optional.empty();
    try {
      Identities.Proof proved = stack.tls().identities().identify(quic, x509Only);
      shown = Optional.of(proved.id());
      if (expected != null && !expected.equals(proved.id())) {
        throw new GeneralSecurityException("another node answered");
      }
      alpn = Alpn.of(quic.sslEngine().getApplicationProtocol());
      proof = proved;
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      stack.counters().identityRejected.increment();
      LOG.debug("handshake without identity: {}", e.toString());
      TlsContexts.Rejection why = new TlsContexts.Rejection(shown, String.valueOf(e.getMessage()));
      fail(stack.failures().identity(connection, Optional.of(why)));
      // It ends the channel at once, so the caller has to know why before.
      connection.closeTransport(BAD_CERTIFICATE);
      return false;
    }
  }

  /** The connection may be handed out. */
  void succeed() {
    early.complete(connection);
    ready.complete(connection);
  }

  /** The connection ended; says why to whoever still waits for the handshake. */
  void ended(@Nullable QuicConnectionCloseEvent event, CloseReason reason) {
    Optional<TlsContexts.Rejection> rejection =
        connection.opened().flatMap(quic -> stack.tls().takeRejection(quic.sslEngine()));
    if (!ready.isDone()) {
      formRefused = event != null && event.error() == HANDSHAKE_FAILURE;
      fail(stack.failures().handshake(connection, event, rejection, reason));
    }
  }

  void fail(PeerException failure) {
    ready.completeExceptionally(failure);
    early.completeExceptionally(failure);
  }

  // ---- facts ----

  CompletableFuture<QuicConnection> ready() {
    return ready;
  }

  CompletableFuture<QuicConnection> early() {
    return early;
  }

  /** Why there will be no connection, if so. */
  Optional<PeerException> failure() {
    if (!ready.isCompletedExceptionally()) {
      return Optional.empty();
    }
    return ready.handle((c, e) -> Optional.ofNullable((PeerException) e)).join();
  }

  boolean proved() {
    return proof != null;
  }

  /** The proved id; before, the one that was dialled, if any. */
  Optional<NodeId> peer() {
    Identities.Proof proved = proof;
    return Optional.ofNullable(proved != null ? proved.id() : expected);
  }

  Optional<NodeId> expected() {
    return Optional.ofNullable(expected);
  }

  Optional<Alpn> offered() {
    return Optional.ofNullable(offered);
  }

  /** Whether the dial offers certificates only, though it could offer more. */
  boolean x509Only() {
    return x509Only;
  }

  /** True if the dial failed because the peer takes none of the forms of identity offered. */
  boolean formRefused() {
    return formRefused;
  }

  Alpn alpn() {
    Alpn chosen = alpn;
    if (chosen == null) {
      throw new IllegalStateException("no protocol has been negotiated yet");
    }
    return chosen;
  }

  String form() {
    Identities.Proof proved = proof;
    if (proved == null) {
      throw new IllegalStateException("the peer has not proved an id yet");
    }
    return proved.form();
  }
}
