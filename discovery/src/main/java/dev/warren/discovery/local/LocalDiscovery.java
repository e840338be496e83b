package dev.warren.discovery.local;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryEvent;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.local.dnssd.DnsSd;
import dev.warren.discovery.local.io.LocalCounters;
import dev.warren.discovery.local.io.LocalLoop;
import dev.warren.discovery.local.logic.Findings;
import dev.warren.discovery.local.wire.Announcement;
import dev.warren.discovery.local.wire.Generation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds nodes on the same link by multicast, as iroh's do, without any server: on every interface,
 * by IPv4 and IPv6, in the dialects of iroh 1.x and of iroh 0.35 (discovery section 7).
 *
 * <p>A node that nobody looks for is quiet: it says what it is once a minute, and answers. A lookup
 * asks at once, again every 0.7 s until something is found, and goes on for 10 s, as later
 * announcements may be better. Nothing that is heard is proven; the handshake proves it.
 *
 * <p>Sinks and listeners are called on the service's one thread, {@code warren-mdns}.
 */
public final class LocalDiscovery implements Discovery {
  private static final Logger LOG = LoggerFactory.getLogger(LocalDiscovery.class);

  /** What lookups and events say they are from. */
  public static final String NAME = "mdns";

  private final NodeId self;
  private final AddrFilter filter;
  private final LocalCounters counters = new LocalCounters();
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, ResolveSink> lookups = new ConcurrentHashMap<>();
  private final List<Consumer<? super DiscoveryEvent>> listeners = new CopyOnWriteArrayList<>();
  private final LocalLoop loop;
  private final @Nullable DnsSd dnsSd;
  private volatile boolean closed;

  private LocalDiscovery(DiscoveryContext context, Builder options) throws IOException {
    this.self = context.id();
    this.filter = options.filter;
    Set<Generation> generations =
        options.iroh035 ? Set.of(Generation.values()) : Set.of(Generation.IROH_1);
    this.loop = new LocalLoop(self, generations, context.loopbackOnly(), new Told(), counters);
    this.dnsSd =
        options.dnsSd && DnsSd.isAvailable()
            ? new DnsSd(self, options.dnsSdBrowsed, new Named())
            : null;
    loop.start(
        interfaces -> {
          if (dnsSd != null) {
            dnsSd.look(interfaces);
          }
        });
  }

  /** The service with its defaults. */
  public static Discovery.Factory factory() {
    return builder().factory();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Options of the service. Not thread-safe. */
  public static final class Builder {
    private AddrFilter filter = AddrFilter.directOnly();
    private boolean iroh035 = true;
    private boolean dnsSd = true;
    private boolean dnsSdBrowsed;

    private Builder() {}

    /** What is told to the link; all but relays if this is not called. */
    public Builder filter(AddrFilter filter) {
      this.filter = filter;
      return this;
    }

    /**
     * Whether to speak the dialect of iroh up to 0.91 besides; so it is if this is not called. It
     * costs nothing while no such node is on the link and nobody looks for anybody.
     */
    public Builder iroh035(boolean spoken) {
      this.iroh035 = spoken;
      return this;
    }

    /**
     * Whether to announce the node by standard DNS-SD besides, as {@code _warren._udp}, so that
     * ordinary browsers of the local network list it; if this is not called, whenever jmdns is on
     * the class path. jmdns has a thread that keeps the JVM alive until the service is closed, and
     * up to three seconds longer.
     */
    public Builder dnsSd(boolean announced) {
      this.dnsSd = announced;
      return this;
    }

    /**
     * Whether to look for {@code _warren._udp} too; not if this is not called. Every node of Warren
     * also speaks iroh's dialect, so that this finds only what others publish under that name, and
     * jmdns checks and limits less of what it hears than this service does.
     */
    public Builder dnsSdBrowsed(boolean browsed) {
      this.dnsSdBrowsed = browsed;
      return this;
    }

    /**
     * The service of an endpoint. It cannot be made if there are interfaces, but none can be
     * joined: most often because another program has UDP port 5353 for itself alone.
     */
    public Discovery.Factory factory() {
      Builder options =
          new Builder().filter(filter).iroh035(iroh035).dnsSd(dnsSd).dnsSdBrowsed(dnsSdBrowsed);
      return context -> new LocalDiscovery(context, options);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void publish(EndpointData data) {
    EndpointData told = filter.apply(data);
    List<RelayUrl> relays = told.relays();
    Announcement announcement =
        new Announcement(self, told.direct(), relays.stream().findFirst(), told.userData());
    loop.run(network -> network.publish(announcement, System.nanoTime()));
    if (dnsSd != null) {
      dnsSd.publish(announcement);
    }
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    long number = numbers.incrementAndGet();
    lookups.put(number, sink);
    if (closed) {
      ended(number);
      return () -> {};
    }
    loop.run(network -> network.resolve(number, id, System.nanoTime()));
    return () -> {
      lookups.remove(number);
      loop.run(network -> network.cancel(number, System.nanoTime()));
    };
  }

  /** Everybody who is known is told at once, also nodes that a lookup asked for. */
  @Override
  public Subscription subscribe(Consumer<? super DiscoveryEvent> listener) {
    Consumer<DiscoveryEvent> entry = listener::accept;
    loop.run(
        network -> {
          network.known().forEach(peer -> tell(entry, new DiscoveryEvent.Discovered(item(peer))));
          listeners.add(entry);
          network.browse(true, System.nanoTime());
        });
    return () ->
        loop.run(
            network -> {
              listeners.remove(entry);
              network.browse(!listeners.isEmpty(), System.nanoTime());
            });
  }

  @Override
  public void networkChanged() {
    loop.scan();
  }

  @Override
  public Map<String, Long> metrics() {
    return counters.snapshot();
  }

  @Override
  public void close() {
    closed = true;
    loop.close();
    if (dnsSd != null) {
      dnsSd.close();
    }
    List.copyOf(lookups.keySet()).forEach(this::ended);
  }

  private void ended(long lookup) {
    ResolveSink sink = lookups.remove(lookup);
    if (sink != null) {
      guarded(sink::done);
    }
  }

  private static DiscoveryItem item(Announcement said) {
    List<TransportAddr> addrs = new ArrayList<>();
    said.addresses().forEach(a -> addrs.add(new TransportAddr.Ip(a)));
    said.relay().ifPresent(url -> addrs.add(new TransportAddr.Relay(url)));
    return new DiscoveryItem(
        said.id(), new EndpointData(addrs, said.userData()), NAME, Optional.empty());
  }

  private void tell(Consumer<? super DiscoveryEvent> listener, DiscoveryEvent event) {
    guarded(() -> listener.accept(event));
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      counters.add(LocalCounters.Counter.FAILED);
      LOG.debug("a listener of local discovery threw", e);
    }
  }

  /** What DNS-SD tells. */
  private final class Named implements DnsSd.Listener {
    @Override
    public void told(Announcement said) {
      loop.run(network -> network.told(said, System.nanoTime()));
    }

    @Override
    public void untold(NodeId id) {
      loop.run(network -> network.untold(id));
    }
  }

  /** What the loop tells. */
  private final class Told implements Findings {
    @Override
    public void found(long lookup, Announcement announcement) {
      ResolveSink sink = lookups.get(lookup);
      if (sink != null) {
        guarded(() -> sink.found(item(announcement)));
      }
    }

    @Override
    public void ended(long lookup) {
      LocalDiscovery.this.ended(lookup);
    }

    @Override
    public void discovered(Announcement announcement) {
      DiscoveryEvent event = new DiscoveryEvent.Discovered(item(announcement));
      listeners.forEach(listener -> tell(listener, event));
    }

    @Override
    public void expired(NodeId id) {
      DiscoveryEvent event = new DiscoveryEvent.Expired(id, NAME);
      listeners.forEach(listener -> tell(listener, event));
    }
  }
}
