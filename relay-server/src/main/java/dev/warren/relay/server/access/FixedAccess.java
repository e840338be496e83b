package dev.warren.relay.server.access;

import dev.warren.base.NodeId;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Rules that look at the node id only. */
final class FixedAccess implements AccessControl {
  static final CompletionStage<AccessDecision> ALLOWED =
      CompletableFuture.completedStage(AccessDecision.allow());
  static final CompletionStage<AccessDecision> DENIED =
      CompletableFuture.completedStage(AccessDecision.deny());

  static final AccessControl EVERYONE = new FixedAccess(node -> true);

  private final Predicate<NodeId> allowed;

  private FixedAccess(Predicate<NodeId> allowed) {
    this.allowed = allowed;
  }

  static AccessControl allowList(Collection<NodeId> nodes) {
    return new FixedAccess(Set.copyOf(nodes)::contains);
  }

  static AccessControl denyList(Collection<NodeId> nodes) {
    Set<NodeId> denied = Set.copyOf(nodes);
    return new FixedAccess(node -> !denied.contains(node));
  }

  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    return allowed.test(request.node()) ? ALLOWED : DENIED;
  }
}
