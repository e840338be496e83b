package dev.warren.discovery.dht;

import dev.warren.discovery.dht.io.BootstrapHosts;
import dev.warren.discovery.dht.io.DhtSocket;
import dev.warren.discovery.dht.logic.DhtEngine;
import java.util.concurrent.CompletableFuture;

/**
 * A full node: answers others, knows its neighbours, keeps items for two hours after their last put
 * (BEP 44). A few of them, each bootstrapping from another, are a DHT of one's own; the first needs
 * no bootstrap nodes. Its address must be reachable by UDP from all others, without NAT.
 *
 * <p>It keeps mutable items only, and tells no peers of torrents.
 */
public final class DhtNode extends Dht {
  DhtNode(DhtSocket socket, BootstrapHosts bootstrap) {
    super(socket, bootstrap);
    begin();
  }

  public static DhtBuilder<DhtNode> builder() {
    return new DhtBuilder<>(true, DhtNode::new);
  }

  /** Items that it keeps for others. */
  public CompletableFuture<Integer> items() {
    return ask(DhtEngine::items);
  }
}
