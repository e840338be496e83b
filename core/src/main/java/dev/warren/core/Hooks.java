package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.core.io.QuicConnection;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the application's {@link EndpointHooks}, if there are any; one that throws has said no. Any
 * thread.
 */
final class Hooks {
  private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

  private final @Nullable EndpointHooks hooks;
  private final Executor callbacks;

  Hooks(@Nullable EndpointHooks hooks, Executor callbacks) {
    this.hooks = hooks;
    this.callbacks = callbacks;
  }

  /** Asks on this thread whether a dial may begin. */
  void beforeConnect(NodeAddr addr, Alpn alpn) throws PeerException {
    EndpointHooks asked = hooks;
    if (asked != null
        && ask("beforeConnect", () -> asked.beforeConnect(addr, alpn))
            instanceof EndpointHooks.Verdict.Reject reject) {
      throw new PeerConnectException(
          Kind.REFUSED, addr.id(), "a hook of this endpoint rejected the dial: " + reject.reason());
    }
  }

  /**
   * Asks about a connection, and closes it if it is rejected. {@code then} hears why it was, or
   * null: at once without hooks, else on the callback executor.
   */
  void admit(QuicConnection connection, Consumer<@Nullable PeerException> then) {
    EndpointHooks asked = hooks;
    if (asked == null) {
      then.accept(null);
    } else {
      callbacks.execute(() -> then.accept(judge(asked, connection)));
    }
  }

  private static @Nullable PeerException judge(EndpointHooks asked, QuicConnection connection) {
    EndpointHooks.Verdict verdict =
        ask(
            "afterHandshake",
            () ->
                asked.afterHandshake(
                    new EndpointHooks.ConnectionInfo(
                        connection.remoteId(), connection.alpn(), connection.client())));
    if (verdict instanceof EndpointHooks.Verdict.Reject reject) {
      connection.close(reject.code(), reject.reason());
      return new PeerConnectException(
          Kind.REFUSED,
          connection.remoteId(),
          "a hook of this endpoint rejected the connection: " + reject.reason());
    }
    return null;
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
}
