package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import dev.warren.serving.logic.LineRate;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access control of an embedder, which may throw: that denies, and ends nothing else. Strangers say
 * how often it is asked, so it is told once a second, and where it comes from only to who debugs.
 */
final class GuardedAccess implements AccessControl {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedAccess.class);

  private final AccessControl guarded;
  private final LineRate lines = new LineRate(1, System.nanoTime());

  GuardedAccess(AccessControl guarded) {
    this.guarded = guarded;
  }

  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    try {
      return Objects.requireNonNull(guarded.onConnect(request), "no decision");
    } catch (RuntimeException | LinkageError | AssertionError e) {
      failed("so it is denied", request.connection(), e);
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void onDisconnect(NodeId node, long connection) {
    try {
      guarded.onDisconnect(node, connection);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      failed("which has ended", connection, e);
    }
  }

  private void failed(String so, long connection, Throwable e) {
    LOG.debug("access control failed for connection {}", connection, e);
    if (lines.mayWrite(System.nanoTime())) {
      LOG.warn(
          "access control failed for connection {}, {}: {} (and for {} before it)",
          connection,
          so,
          e,
          lines.takeLeftOut());
    }
  }
}
