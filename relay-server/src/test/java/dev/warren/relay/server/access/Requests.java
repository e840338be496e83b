package dev.warren.relay.server.access;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Requests to be let in, and answers to them. */
final class Requests {
  static final NodeId NODE = SecretKey.generate().nodeId();
  static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.1", 4711);

  private Requests() {}

  static AccessRequest of(NodeId node) {
    return AccessRequest.of(7, node, "iroh-relay-v2", "/relay", Map.of(), REMOTE);
  }

  static AccessRequest with(String target, String... authorization) {
    return AccessRequest.of(
        7, NODE, "iroh-relay-v2", target, Map.of("authorization", List.of(authorization)), REMOTE);
  }

  static AccessDecision decide(AccessControl control, AccessRequest request) {
    return control.onConnect(request).toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  static boolean allows(AccessControl control, AccessRequest request) {
    return decide(control, request) instanceof AccessDecision.Allow;
  }
}
