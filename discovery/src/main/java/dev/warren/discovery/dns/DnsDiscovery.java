package dev.warren.discovery.dns;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.discovery.wire.WorldAddresses;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;

/**
 * Finds nodes by the TXT records of {@code _iroh.<z32 id>.<origin>} (discovery section 6), under
 * every origin at the same time. It publishes nothing: a pkarr relay that is also a DNS server
 * does.
 */
public final class DnsDiscovery implements Discovery {
  /** Of what is found. */
  public static final String NAME = "dns";

  /**
   * When the other attempts begin after the first, each a fifth earlier or later (iroh 1.x,
   * discovery section 6). An answer that nothing is there does not end them: the node may just be
   * publishing.
   */
  static final List<Duration> STAGGER =
      List.of(
          Duration.ofMillis(200),
          Duration.ofMillis(300),
          Duration.ofMillis(600),
          Duration.ofMillis(1000),
          Duration.ofMillis(2000),
          Duration.ofMillis(3000));

  private final List<Name> origins;
  private final List<Duration> stagger;
  private final DnsResolver resolver;
  private final WorldAddresses world;
  private final LongAdder skipped = new LongAdder();
  private final Set<OriginsLookup> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private DnsDiscovery(
      List<Name> origins, List<Duration> stagger, DnsResolver resolver, WorldAddresses world) {
    this.origins = origins;
    this.stagger = stagger;
    this.resolver = resolver;
    this.world = world;
  }

  /**
   * Looks under {@code origin}, such as {@code dns.example.com}; more may be added.
   *
   * @throws IllegalArgumentException if it is no domain name, or too long for a node's name under
   *     it
   */
  public static Builder builder(String origin) {
    return new Builder().origin(origin);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    OriginsLookup lookup =
        new OriginsLookup(resolver, owners(id), stagger, records -> item(id, records), sink);
    running.add(lookup);
    lookup.start(() -> running.remove(lookup));
    if (closed) {
      lookup.close();
    }
    return lookup::cancel;
  }

  private List<Name> owners(NodeId id) {
    return origins.stream().map(origin -> TxtRecords.owner(id, origin)).toList();
  }

  /** What the records say of the node, or null if that is nothing. */
  private @Nullable DiscoveryItem item(NodeId id, List<Record> records) {
    TxtRecords read = TxtRecords.read(records);
    skipped.add(read.skipped());
    List<TransportAddr> addrs = world.keep(read.addrs());
    EndpointData data = new EndpointData(addrs, read.userData());
    return data.isEmpty() ? null : new DiscoveryItem(id, data, NAME, Optional.empty());
  }

  @Override
  public void networkChanged() {
    resolver.networkChanged();
  }

  @Override
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>(resolver.metrics());
    all.put("skippedValues", skipped.sum());
    all.put("refusedAddresses", world.refused());
    return all;
  }

  @Override
  public void close() {
    closed = true;
    running.forEach(OriginsLookup::close);
    resolver.close();
  }

  /** Settings; hand it to an endpoint's builder. Not thread-safe. */
  public static final class Builder implements Discovery.Factory {
    private static final int MAX_ORIGINS = 8;

    private final List<Name> origins = new ArrayList<>();
    private List<Duration> stagger = STAGGER;
    private DnsResolver.@Nullable Builder resolver;

    private Builder() {}

    /** Looks there too; at most 8 origins. */
    public Builder origin(String origin) {
      if (origins.size() == MAX_ORIGINS) {
        throw new IllegalArgumentException("at most " + MAX_ORIGINS + " DNS origins");
      }
      try {
        Name name = Name.fromString(origin, Name.root);
        TxtRecords.checkOrigin(name);
        origins.add(name);
      } catch (TextParseException e) {
        throw new IllegalArgumentException("not a DNS origin: " + origin, e);
      }
      return this;
    }

    /** How to ask; the system's servers by default. Each endpoint gets a resolver of its own. */
    public Builder resolver(DnsResolver.Builder settings) {
      this.resolver = settings;
      return this;
    }

    /**
     * When further attempts begin after the first, in place of 200, 300, 600, 1000, 2000 and 3000
     * ms; each is moved by up to a fifth.
     */
    public Builder stagger(List<Duration> delays) {
      this.stagger = List.copyOf(delays);
      return this;
    }

    @Override
    public DnsDiscovery create(DiscoveryContext context) throws IOException {
      DnsResolver.Builder settings = resolver == null ? DnsResolver.builder() : resolver;
      return new DnsDiscovery(
          List.copyOf(origins),
          stagger,
          settings.buildWith(context.executor()),
          context.loopbackOnly() ? WorldAddresses.withLoopback() : WorldAddresses.reachable());
    }
  }
}
