package dev.warren.relay.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.access.AccessControl;
import dev.warren.relay.server.access.AccessDecision;
import dev.warren.relay.server.access.AccessRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Decisions pass through unchanged. What is written is what the rule said. */
class LoggedAccessTest {
  private static final NodeId NODE = SecretKey.generate().nodeId();

  private static AccessRequest request(long connection) {
    return AccessRequest.of(
        connection, NODE, "iroh-relay-v2", "/relay", Map.of(), SocketAddrs.parse("192.0.2.1:5"));
  }

  private static AccessDecision ask(AccessControl control) {
    return control.onConnect(request(1)).toCompletableFuture().join();
  }

  @Test
  void decisionsAreThoseOfTheRuleAndTheRuleCanBeReplaced() {
    LoggedAccess logged = new LoggedAccess(AccessControl.everyone());
    assertThat(ask(logged)).isEqualTo(AccessDecision.allow());
    logged.rule(AccessControl.denyList(List.of(NODE)));
    assertThat(ask(logged)).isEqualTo(AccessDecision.deny());
  }

  @Test
  void aRuleThatFailsStaysFailed() {
    LoggedAccess logged =
        new LoggedAccess(r -> CompletableFuture.failedFuture(new IllegalStateException("away")));
    assertThat(logged.onConnect(request(1)).toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void departuresAreHeardByTheRule() {
    List<Long> left = new ArrayList<>();
    LoggedAccess logged =
        new LoggedAccess(
            new AccessControl() {
              @Override
              public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
                return CompletableFuture.completedStage(AccessDecision.allow());
              }

              @Override
              public void onDisconnect(NodeId node, long connection) {
                left.add(connection);
              }
            });
    logged.onDisconnect(NODE, 7);
    assertThat(left).containsExactly(7L);
  }
}
