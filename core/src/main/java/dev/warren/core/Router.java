package dev.warren.core;

import dev.warren.base.Alpn;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the connections of an endpoint and hands each to the handler of its ALPN.
 *
 * <pre>{@code
 * try (Endpoint endpoint = Endpoint.builder().bind();
 *     Router router = Router.builder(endpoint).accept(Alpn.of("echo/1"), new Echo()).spawn()) { … }
 * }</pre>
 *
 * Closing the router stops accepting and tells the handlers; the endpoint stays open. Closing the
 * endpoint closes the router first. Any thread.
 */
public final class Router implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  /** After a handler returned, the peer may take this long to read the rest and close. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  /** What handlers get in {@link ProtocolHandler#shutdown}. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(1);

  private final Endpoint endpoint;
  private final Map<Alpn, ProtocolHandler> handlers;
  private final long errorCode;
  private final Executor executor;
  private final Thread acceptor;
  private final Runnable onEndpointClose = this::close;
  private volatile boolean closed;

  private Router(Builder builder) {
    this.endpoint = builder.endpoint;
    this.handlers = Map.copyOf(builder.handlers);
    this.errorCode = builder.errorCode;
    this.executor = endpoint.callbacks();
    this.acceptor = new Thread(this::acceptLoop, "warren-router");
    acceptor.setDaemon(true);
  }

  public static Builder builder(Endpoint endpoint) {
    return new Builder(endpoint);
  }

  /** Collects handlers. Not thread-safe; may be reused. */
  public static final class Builder {
    private final Endpoint endpoint;
    private final Map<Alpn, ProtocolHandler> handlers = new HashMap<>();
    private long errorCode = 1;

    private Builder(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    /** Serves {@code alpn}; the last handler for an ALPN counts. */
    public Builder accept(Alpn alpn, ProtocolHandler handler) {
      handlers.put(alpn, handler);
      return this;
    }

    /** Code with which a connection is closed whose handler threw; default 1. */
    public Builder errorCode(long code) {
      errorCode = Codes.check(code);
      return this;
    }

    /** Sets the endpoint's ALPNs and starts accepting. */
    public Router spawn() {
      Router router = new Router(this);
      endpoint.setAlpns(Set.copyOf(handlers.keySet()));
      router.acceptor.start();
      endpoint.end().before(router.onEndpointClose);
      return router;
    }
  }

  private void acceptLoop() {
    try {
      while (!closed) {
        Optional<Incoming> incoming = endpoint.accept();
        if (incoming.isEmpty()) {
          return;
        }
        if (closed) {
          endpoint.giveBack(incoming.get()); // for whoever accepts next
          return;
        }
        dispatch(incoming.get());
      }
    } catch (InterruptedIOException routerClosed) {
      LOG.debug("router stopped");
    }
  }

  private void dispatch(Incoming incoming) {
    ProtocolHandler handler = handlers.get(incoming.alpn());
    if (handler == null) {
      incoming.refuse(errorCode, "not served any more");
      return;
    }
    Connection connection = incoming.accept();
    try {
      executor.execute(() -> serve(handler, connection));
    } catch (java.util.concurrent.RejectedExecutionException | Error noThread) {
      // The endpoint is closed, or there is no thread for one more: the acceptor must go on.
      LOG.debug("not served: {}", noThread.toString());
      connection.close(errorCode, "no thread to serve it");
    }
  }

  private void serve(ProtocolHandler handler, Connection connection) {
    try {
      handler.serve(connection).whenComplete((v, failure) -> served(connection, failure));
    } catch (Exception | Error e) {
      served(connection, e);
    }
  }

  /** No thread waits for the peer's close: it is the rule that the peer was the last to receive. */
  private void served(Connection connection, @Nullable Throwable failure) {
    if (failure != null) {
      if (connection.closeReason().isEmpty()) {
        LOG.info(
            "handler of {} for {} failed: {}",
            connection.alpn(),
            connection.remoteId().toShortString(),
            failure.toString());
      }
      connection.close(errorCode, "handler failed");
    } else {
      connection
          .closed()
          .orTimeout(LINGER.toMillis(), TimeUnit.MILLISECONDS)
          .whenComplete((reason, late) -> connection.close());
    }
  }

  /** Stops accepting, tells the handlers, forgets the ALPNs. Idempotent, at most about a second. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    endpoint.end().remove(onEndpointClose);
    if (!endpoint.isClosed()) {
      endpoint.setAlpns(Set.of());
    }
    acceptor.interrupt();
    for (ProtocolHandler handler : handlers.values()) {
      try {
        handler.shutdown(SHUTDOWN);
      } catch (RuntimeException e) {
        LOG.warn("shutdown of a handler failed: {}", e.toString());
      }
    }
  }
}
