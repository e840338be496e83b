package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Access control of an embedder, which may throw: that denies, and ends nothing else. */
record GuardedAccess(AccessControl guarded) implements AccessControl {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedAccess.class);

  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    try {
      return Objects.requireNonNull(guarded.onConnect(request), "no decision");
    } catch (RuntimeException e) {
      LOG.warn("access control failed, so connection {} is denied", request.connection(), e);
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void onDisconnect(NodeId node, long connection) {
    try {
      guarded.onDisconnect(node, connection);
    } catch (RuntimeException e) {
      LOG.warn("access control failed at the end of connection {}", connection, e);
    }
  }
}
