package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.magicsock.Peer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One dial: a first attempt, and a second where the peer refused the forms of identity of the
 * first.
 *
 * <p>A peer that knows certificates only may end the handshake when it sees the offer of raw keys
 * (raw-public-keys section 5), and the other way round, so each attempt makes one of two offers. No
 * second attempt is made once early data was handed out: it cannot be taken back. Any thread.
 */
public final class Dial {
  private static final Logger LOG = LoggerFactory.getLogger(Dial.class);

  private final QuicStack stack;
  private final Peer peer;
  private final NodeId id;
  private final Alpn alpn;
  private final Duration limit;
  private final Object owner;
  private final long begun = System.nanoTime();
  private final CompletableFuture<QuicConnection> early = new CompletableFuture<>();
  private final CompletableFuture<QuicConnection> ready = new CompletableFuture<>();
  private volatile boolean cancelled;

  Dial(QuicStack stack, Peer peer, NodeId id, Alpn alpn, Duration limit, Object owner) {
    this.stack = stack;
    this.peer = peer;
    this.id = id;
    this.alpn = alpn;
    this.limit = limit;
    this.owner = owner;
  }

  void start() {
    boolean choice = stack.tls().identities().haveChoice();
    attempt(limit, choice && stack.offers().x509Only(id), choice);
  }

  private void attempt(Duration left, boolean x509Only, boolean another) {
    QuicConnection connection = stack.connect(peer, id, alpn, left, x509Only);
    connection.keepAlive(owner);
    connection
        .early()
        .thenAccept(
            c -> {
              // Completes with ready too, which is told below.
              if (c.phase() == QuicConnection.Phase.EARLY) {
                early.complete(c);
              }
            });
    connection
        .ready()
        .whenComplete(
            (c, failure) -> {
              if (failure == null) {
                if (!another && stack.tls().identities().haveChoice()) {
                  stack.offers().worked(id, x509Only);
                }
                early.complete(c);
                if (!ready.complete(c)) {
                  c.close(0, ""); // cancelled just now: nobody else would close it
                }
              } else if (another && goesOn(connection)) {
                LOG.debug("{} refused our forms of identity: once more", id.toShortString());
                attempt(left(), !x509Only, false);
              } else {
                ready.completeExceptionally(failure);
                early.completeExceptionally(failure);
              }
            });
    ready.whenComplete(
        (c, failure) -> {
          if (cancelled) {
            connection.cancelDial();
          }
        });
  }

  private boolean goesOn(QuicConnection refused) {
    return refused.handshake().formRefused()
        && !cancelled
        && !early.isDone()
        && left().toMillis() > 0;
  }

  private Duration left() {
    return limit.minusNanos(System.nanoTime() - begun);
  }

  /** Completes when 0-RTT data can be sent, or without such with {@link #ready}. */
  public CompletableFuture<QuicConnection> early() {
    return early;
  }

  /** Completes when the handshake has ended and the peer has proved its identity. */
  public CompletableFuture<QuicConnection> ready() {
    return ready;
  }

  /** The caller gave up; no effect once the handshake has ended. */
  public void cancel() {
    cancelled = true;
    ready.completeExceptionally(new java.util.concurrent.CancellationException());
  }
}
