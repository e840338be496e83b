package dev.warren.discovery;

import dev.warren.base.SecretKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** What an endpoint would give to its services. */
public final class Contexts implements AutoCloseable {
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();

  /** Of an endpoint that is bound to loopback only. */
  public DiscoveryContext onLoopback(SecretKey key) {
    return bound(key, new InetSocketAddress("127.0.0.1", 1));
  }

  /** Of one that others can reach. */
  public DiscoveryContext reachable(SecretKey key) {
    return bound(key, new InetSocketAddress("0.0.0.0", 1));
  }

  private DiscoveryContext bound(SecretKey key, InetSocketAddress socket) {
    return new DiscoveryContext(key, List.of(socket), executor, timers);
  }

  @Override
  public void close() {
    executor.shutdownNow();
    timers.shutdownNow();
  }
}
