package dev.warren.discovery.local.dnssd;

import dev.warren.base.NodeId;
import dev.warren.discovery.local.io.LocalInterface;
import dev.warren.discovery.local.wire.Announcement;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Announces a node by standard DNS-SD on every interface, and browses for others if wanted. Needs
 * jmdns, which is not part of Warren's own dependencies. Any thread; nothing blocks but {@link
 * #close}.
 */
public final class DnsSd implements AutoCloseable {
  /**
   * What is heard is told again that often, as jmdns itself speaks only of changes: well within the
   * lifetime of a node that says nothing.
   */
  private static final int REPEAT_LOOKS = 12;

  /** jmdns' first goodbye is sent at once; what follows is a repetition. */
  private static final long CLOSE_MILLIS = 300;

  /** Hears of nodes; on threads of jmdns and of the caller of {@link #look}. */
  public interface Listener {
    void told(Announcement said);

    void untold(NodeId id);
  }

  private final NodeId self;
  private final boolean browsing;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<InetAddress, Site> sites = new LinkedHashMap<>();
  private final Instances instances = new Instances();
  private @Nullable Announcement own;
  private int looks;
  private boolean closed;

  /**
   * @param browsing whether to look for others too
   */
  public DnsSd(NodeId self, boolean browsing, Listener listener) {
    this.self = self;
    this.browsing = browsing;
    this.listener = listener;
  }

  /** Whether jmdns is there. */
  public static boolean isAvailable() {
    try {
      Class.forName("javax.jmdns.JmDNS", false, DnsSd.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** These are the interfaces now; called every few seconds. */
  public void look(List<LocalInterface> interfaces) {
    Map<InetAddress, LocalInterface> wanted = new LinkedHashMap<>();
    interfaces.stream()
        .filter(on -> !on.isLoopback())
        .forEach(on -> on.preferredAddress().ifPresent(ip -> wanted.put(ip, on)));
    List<Announcement> again = List.of();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      sites
          .entrySet()
          .removeIf(
              entry -> {
                boolean gone = !wanted.containsKey(entry.getKey());
                if (gone) {
                  entry.getValue().close();
                }
                return gone;
              });
      wanted.forEach(this::open);
      sites.values().forEach(Site::bound);
      if (++looks % REPEAT_LOOKS == 0) {
        again = instances.all();
      }
    } finally {
      lock.unlock();
    }
    again.forEach(listener::told);
  }

  private void open(InetAddress address, LocalInterface on) {
    if (sites.containsKey(address)) {
      return;
    }
    Site site = new Site(self, on, address, browsing, new Heard());
    sites.put(address, site);
    if (own != null) {
      site.publish(own);
    }
  }

  /** What the node says of itself from now on. */
  public void publish(Announcement announcement) {
    lock.lock();
    try {
      own = announcement;
      sites.values().forEach(site -> site.publish(announcement));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says goodbye; waits for it at most 0.3 s. The threads of jmdns, of which one keeps the JVM
   * alive, end by themselves within three seconds. Idempotent.
   */
  @Override
  public void close() {
    List<Site> open;
    lock.lock();
    try {
      closed = true;
      open = List.copyOf(sites.values());
      sites.clear();
    } finally {
      lock.unlock();
    }
    open.forEach(Site::close);
    long end = System.nanoTime() + CLOSE_MILLIS * 1_000_000;
    open.forEach(site -> site.awaitClosed(Math.max(0, (end - System.nanoTime()) / 1_000_000)));
  }

  private final class Heard implements Site.Heard {
    @Override
    public void resolved(String name, Announcement said) {
      Optional<NodeId> lost;
      lock.lock();
      try {
        lost = instances.put(name, said);
      } finally {
        lock.unlock();
      }
      lost.ifPresent(listener::untold);
      listener.told(said);
    }

    @Override
    public void removed(String name) {
      Optional<NodeId> lost;
      lock.lock();
      try {
        lost = instances.remove(name);
      } finally {
        lock.unlock();
      }
      lost.ifPresent(listener::untold);
    }
  }
}
