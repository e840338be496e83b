package dev.warren.benchmarks;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.dht.DhtBuilder;
import dev.warren.discovery.dht.DhtClient;
import dev.warren.discovery.dht.DhtDiscovery;
import dev.warren.discovery.dht.DhtNode;
import dev.warren.discovery.wire.TxtRecords;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Lookups in a DHT of this process's own nodes, on loopback. */
final class DhtFigures {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
  private static final int KEYS = 100;

  /** Rounds that are thrown away, while the code is compiled. */
  private static final int WARM_UP = 5;

  private static final long LIMIT_SECONDS = 30;

  private final boolean json;
  private final int rounds;

  DhtFigures(boolean json, int rounds) {
    this.json = json;
    this.rounds = rounds;
  }

  /** Each round looks up every key with one client that knows one node in the beginning. */
  void lookups(int count) throws Exception {
    Figures figures = new Figures("dht-" + count, json);
    List<DhtNode> nodes = nodes(count);
    ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    try {
      List<NodeId> ids = publish(nodes);
      for (int round = -WARM_UP; round < rounds; round++) {
        round(figures, round, nodes, ids, timers);
      }
    } finally {
      timers.shutdownNow();
      nodes.forEach(DhtNode::close);
    }
    figures.print();
  }

  private static List<DhtNode> nodes(int count) throws Exception {
    List<DhtNode> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DhtBuilder<DhtNode> builder = DhtNode.builder().bind(ANY);
      if (i > 0) {
        builder.bootstrap(List.of(nodes.get(0).localAddress()));
      }
      nodes.add(builder.start());
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    int enough = Math.min(count - 1, 20);
    for (DhtNode node : nodes) {
      while (node.nodes().get() < enough && System.nanoTime() - deadline < 0) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
    return nodes;
  }

  private static List<NodeId> publish(List<DhtNode> nodes) throws Exception {
    List<TransportAddr> relay =
        List.of(new TransportAddr.Relay(RelayUrl.parse("https://relay.example.com./")));
    List<NodeId> ids = new ArrayList<>();
    try (DhtClient publisher = client(nodes)) {
      for (int i = 0; i < KEYS; i++) {
        SecretKey secret = SecretKey.generate();
        publisher
            .put(TxtRecords.of(relay, null).sign(secret, TxtRecords.DEFAULT_TTL, 1))
            .get(LIMIT_SECONDS, TimeUnit.SECONDS);
        ids.add(secret.nodeId());
      }
    }
    return ids;
  }

  private static DhtClient client(List<DhtNode> nodes) throws Exception {
    return DhtClient.builder().bind(ANY).bootstrap(List.of(nodes.get(0).localAddress())).start();
  }

  private static void round(
      Figures figures,
      int round,
      List<DhtNode> nodes,
      List<NodeId> ids,
      ScheduledExecutorService timers)
      throws Exception {
    try (DhtClient client = client(nodes);
        Discovery service =
            DhtDiscovery.builder()
                .dht(client)
                .build()
                .create(
                    new DiscoveryContext(
                        SecretKey.generate(), List.of(ANY), Runnable::run, timers))) {
      double[] first = new double[ids.size()];
      double[] whole = new double[ids.size()];
      for (int i = 0; i < ids.size(); i++) {
        Timing timing = new Timing();
        service.resolve(ids.get(i), timing);
        whole[i] = timing.end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        first[i] = timing.first;
      }
      if (round >= 0) {
        double sent = client.metrics().get("datagrams_sent");
        figures.add("firstLookupToFirstItemMs", first[0]);
        Arrays.sort(first);
        Arrays.sort(whole);
        figures.add("toFirstItemP50Ms", first[first.length / 2]);
        figures.add("toFirstItemP99Ms", first[first.length * 99 / 100]);
        figures.add("toEndP50Ms", whole[whole.length / 2]);
        figures.add("queriesPerLookup", sent / ids.size());
      }
    }
  }

  /** Of one lookup, in ms. */
  private static final class Timing implements ResolveSink {
    private final long start = System.nanoTime();
    final CompletableFuture<Double> end = new CompletableFuture<>();
    volatile double first = Double.NaN;

    private double now() {
      return (System.nanoTime() - start) / 1e6;
    }

    @Override
    public void found(DiscoveryItem item) {
      if (Double.isNaN(first)) {
        first = now();
      }
    }

    @Override
    public void done() {
      end.complete(now());
    }

    @Override
    public void failed(Throwable cause) {
      end.completeExceptionally(cause);
    }
  }
}
