package dev.warren.relay.server.access;

import dev.warren.base.NodeId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Two rules of which neither may deny. */
record Both(AccessControl first, AccessControl second) implements AccessControl {
  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    return first
        .onConnect(request)
        .thenCompose(
            decision ->
                decision instanceof AccessDecision.Deny
                    ? CompletableFuture.completedStage(decision)
                    : askSecond(request));
  }

  private CompletionStage<AccessDecision> askSecond(AccessRequest request) {
    CompletionStage<AccessDecision> answer;
    try {
      answer = second.onConnect(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedStage(e);
    }
    return answer.whenComplete(
        (decision, failure) -> {
          if (!(decision instanceof AccessDecision.Allow)) {
            first.onDisconnect(request.node(), request.connection());
          }
        });
  }

  @Override
  public void onDisconnect(NodeId node, long connection) {
    try {
      first.onDisconnect(node, connection);
    } finally {
      second.onDisconnect(node, connection);
    }
  }
}
