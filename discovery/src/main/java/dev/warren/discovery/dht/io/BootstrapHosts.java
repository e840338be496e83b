package dev.warren.discovery.dht.io;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes to begin with, as the user names them: addresses, or hosts that are looked up when they
 * are needed, on a thread of their own that ends with the look-up. Any thread.
 */
public final class BootstrapHosts {
  private static final Logger LOG = LoggerFactory.getLogger(BootstrapHosts.class);

  /** How long what was looked up is used: hosts move, but rarely. Our choice. */
  private static final long LIFE = 600_000_000_000L;

  /** So that a host without addresses is not looked up for each lookup. Our choice. */
  private static final long LIFE_EMPTY = 5_000_000_000L;

  private final List<InetSocketAddress> hosts;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable CompletableFuture<List<InetSocketAddress>> resolved;
  private long resolvedAt;

  /** {@code hosts} may be unresolved. */
  public BootstrapHosts(List<InetSocketAddress> hosts) {
    this.hosts = List.copyOf(hosts);
  }

  public boolean isEmpty() {
    return hosts.isEmpty();
  }

  /** Their addresses; never fails, at worst there are none. */
  public CompletableFuture<List<InetSocketAddress>> addresses() {
    if (hosts.stream().noneMatch(InetSocketAddress::isUnresolved)) {
      return CompletableFuture.completedFuture(hosts);
    }
    lock.lock();
    try {
      if (resolved == null || resolved.isDone() && isOld(resolved.join())) {
        resolvedAt = System.nanoTime();
        CompletableFuture<List<InetSocketAddress>> next = new CompletableFuture<>();
        resolved = next;
        Thread thread = new Thread(() -> next.complete(resolve()), "warren-dht-hosts");
        thread.setDaemon(true);
        thread.start();
      }
      return resolved;
    } finally {
      lock.unlock();
    }
  }

  private boolean isOld(List<InetSocketAddress> addresses) {
    return System.nanoTime() - resolvedAt >= (addresses.isEmpty() ? LIFE_EMPTY : LIFE);
  }

  private List<InetSocketAddress> resolve() {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (InetSocketAddress host : hosts) {
      if (!host.isUnresolved()) {
        addresses.add(host);
        continue;
      }
      try {
        for (InetAddress ip : InetAddress.getAllByName(host.getHostString())) {
          addresses.add(new InetSocketAddress(ip, host.getPort()));
        }
      } catch (UnknownHostException e) {
        LOG.debug("the bootstrap node {} has no address: {}", host, e.getMessage());
      }
    }
    return addresses;
  }

  @Override
  public String toString() {
    return hosts.toString();
  }
}
