package dev.warren.discovery.dht;

import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Nodes on loopback that begin with one of them only, and no other. */
public final class LoopbackDht implements AutoCloseable {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  private final List<DhtNode> nodes = new ArrayList<>();

  /** So many nodes, all of which know some others. */
  public LoopbackDht(int n) throws IOException {
    for (int i = 0; i < n; i++) {
      DhtBuilder<DhtNode> node = DhtNode.builder().bind(ANY);
      if (i > 0) {
        node.bootstrap(List.of(bootstrap()));
      }
      nodes.add(node.start());
    }
    int enough = Math.min(n - 1, 15);
    Await.until(
        "every node knows " + enough,
        Duration.ofSeconds(20),
        () -> nodes.stream().allMatch(node -> node.nodes().join() >= enough));
  }

  public List<DhtNode> nodes() {
    return nodes;
  }

  /** The first node. */
  public InetSocketAddress bootstrap() {
    return nodes.get(0).localAddress();
  }

  public DhtClient client() throws IOException {
    return DhtClient.builder().bind(ANY).bootstrap(List.of(bootstrap())).start();
  }

  @Override
  public void close() {
    nodes.forEach(DhtNode::close);
  }
}
