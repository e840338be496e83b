package dev.warren.discovery.local.dnssd;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.io.LocalInterface;
import dev.warren.discovery.local.wire.Announcement;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;
import javax.jmdns.impl.DNSCache;
import javax.jmdns.impl.JmDNSImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * jmdns on one interface. Its calls block, some for seconds, so that a thread does them one after
 * the other; it ends when there is nothing to do. Any thread.
 */
final class Site implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Site.class);

  /**
   * Records that jmdns may remember. It has no limit of its own, and keeps what anybody says about
   * anything.
   */
  static final int MAX_RECORDS = 10_000;

  private static final long KEEP_SECONDS = 1;

  private final LocalInterface on;
  private final InetAddress address;
  private final NodeId self;
  private final Heard heard;
  private final boolean browsing;
  private final ThreadPoolExecutor executor;
  private final ServiceListener listener = new Browser();

  /** The executor's thread alone. */
  private @Nullable JmDNS jmdns;

  private @Nullable ServiceInfo registered;

  /** Hears of services; on jmdns' threads. */
  interface Heard {
    void resolved(String name, Announcement said);

    void removed(String name);
  }

  Site(NodeId self, LocalInterface on, InetAddress address, boolean browsing, Heard heard) {
    this.self = self;
    this.on = on;
    this.address = address;
    this.heard = heard;
    this.browsing = browsing;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "warren-dns-sd");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    run(this::open);
  }

  private interface Task {
    void run() throws IOException;
  }

  private void run(Task task) {
    if (executor.isShutdown()) {
      return;
    }
    executor.execute(
        () -> {
          try {
            task.run();
          } catch (IOException | RuntimeException e) {
            LOG.debug("DNS-SD at {}", address, e);
          }
        });
  }

  private void open() throws IOException {
    String name = NodeService.name(self);
    // With a name, so that jmdns does not ask a DNS server for one: that takes 6 s where there is
    // none (measured).
    jmdns = JmDNS.create(InetAddress.getByAddress(name, address.getAddress()), name);
    if (browsing) {
      jmdns.addServiceListener(NodeService.TYPE, listener);
    }
  }

  /** Announces the node as it is now; what is announced already is left alone. */
  void publish(Announcement own) {
    run(
        () -> {
          JmDNS open = jmdns;
          if (open == null) {
            return;
          }
          Optional<ServiceInfo> wanted =
              own.addresses().isEmpty() ? Optional.empty() : NodeService.of(own, address);
          if (isRegistered(wanted)) {
            return;
          }
          if (registered != null) {
            open.unregisterService(registered);
            registered = null;
          }
          if (wanted.isPresent()) {
            // If the name is taken, jmdns takes the next: "… (2)".
            open.registerService(wanted.get());
            registered = wanted.get();
          }
        });
  }

  private boolean isRegistered(Optional<ServiceInfo> wanted) {
    ServiceInfo before = registered;
    if (before == null || wanted.isEmpty()) {
      return before == null && wanted.isEmpty();
    }
    return before.getPort() == wanted.get().getPort()
        && Arrays.equals(before.getTextBytes(), wanted.get().getTextBytes());
  }

  /** Forgets what was heard if it is too much. */
  void bound() {
    run(
        () -> {
          if (jmdns instanceof JmDNSImpl open) {
            DNSCache cache = open.getCache();
            if (cache.allValues().size() > MAX_RECORDS) {
              open.removeServiceListener(NodeService.TYPE, listener);
              cache.clear();
              if (browsing) {
                open.addServiceListener(NodeService.TYPE, listener);
              }
            }
          }
        });
  }

  /** Says goodbye and ends the threads; returns at once, {@link #awaitClosed} waits for it. */
  @Override
  public void close() {
    run(
        () -> {
          if (jmdns != null) {
            jmdns.close();
          }
        });
    executor.shutdown();
  }

  /**
   * Waits for the end, at most that long. jmdns says goodbye three times, a second apart, and warns
   * when it is interrupted: it is left to finish.
   */
  void awaitClosed(long millis) {
    try {
      executor.awaitTermination(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Browser implements ServiceListener {
    /** The name alone is known: the rest comes with it, or not at all. jmdns is not asked again. */
    @Override
    public void serviceAdded(ServiceEvent event) {}

    @Override
    public void serviceRemoved(ServiceEvent event) {
      heard.removed(event.getName());
    }

    @Override
    public void serviceResolved(ServiceEvent event) {
      NodeService.node(event.getInfo(), on::isOnLink)
          .filter(said -> !said.id().equals(self))
          .ifPresent(said -> heard.resolved(event.getName(), said));
    }
  }
}
