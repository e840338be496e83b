package dev.warren.cli;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.ConcurrentLookup;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.Lookup;
import dev.warren.discovery.LookupOutcome;
import dev.warren.discovery.ResolveSink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Services of discovery without an endpoint: they are asked, and publish nothing. */
final class Inquiry implements AutoCloseable {
  /** What is on this machine is worth knowing to whoever asks by hand. */
  private static final List<InetSocketAddress> HERE = List.of(SocketAddrs.parse("127.0.0.1:1"));

  private final ExecutorService executor = Executors.newCachedThreadPool(Inquiry::daemon);
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(Inquiry::daemon);
  private final ConcurrentLookup services =
      new ConcurrentLookup(executor, timers, AddrFilter.everything());

  private Inquiry() {}

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "warren-inquiry");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * @throws IOException if a service cannot work at all
   */
  static Inquiry open(List<DiscoveryOptions.Service> services, Findings findings)
      throws IOException {
    Inquiry inquiry = new Inquiry();
    SecretKey key = SecretKey.generate();
    try {
      for (DiscoveryOptions.Service service : services) {
        List<InetSocketAddress> sockets = service.ofTheWorld() ? HERE : List.of();
        DiscoveryContext context =
            new DiscoveryContext(key, sockets, inquiry.executor, inquiry.timers);
        inquiry.services.add(ToldDiscovery.of(service.factory(), findings).create(context));
      }
      return inquiry;
    } catch (IOException | RuntimeException e) {
      inquiry.close();
      throw e;
    }
  }

  /** What each has said when all have ended, or the time is over. */
  List<LookupOutcome> ask(NodeId id, Duration limit) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    ResolveSink end =
        new ResolveSink() {
          @Override
          public void found(DiscoveryItem item) {}

          @Override
          public void done() {
            ended.countDown();
          }

          @Override
          public void failed(Throwable cause) {
            ended.countDown();
          }
        };
    try (Lookup lookup = services.resolve(id, end)) {
      ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
      return lookup.outcomes();
    }
  }

  @Override
  public void close() {
    services.close();
    timers.shutdownNow();
    executor.shutdownNow();
  }
}
