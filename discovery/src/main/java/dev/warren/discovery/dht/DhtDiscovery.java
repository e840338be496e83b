package dev.warren.discovery.dht;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.discovery.wire.WorldAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Discovery by a Mainline DHT, with the items of iroh (discovery section 8): a node's signed packet
 * lies where the hash of its key says, and no server is needed, only nodes to begin with. Which
 * those are the user says: by default there are none.
 *
 * <p>A lookup tells of the first valid packet at once, and of newer ones afterwards, until the
 * nodes closest to the key have answered; it ends after at most ten seconds. Published are, by
 * default, relays only.
 */
public final class DhtDiscovery implements Discovery {
  /**
   * The bootstrap nodes of the public Mainline DHT, as iroh uses them (discovery section 8.4). For
   * those who ask for them: nothing uses them by itself, and anybody in that DHT can see who
   * publishes a key and who looks for it.
   */
  public static final List<String> PUBLIC_BOOTSTRAP =
      List.of(
          "router.bittorrent.com:6881",
          "dht.transmissionbt.com:6881",
          "dht.libtorrent.org:25401",
          "relay.pkarr.org:6881");

  static final String NO_BOOTSTRAP =
      "the DHT has no bootstrap nodes: name nodes of your own (DhtNode), or those of the public"
          + " DHT (DhtDiscovery.PUBLIC_BOOTSTRAP)";

  private final Dht dht;
  private final boolean owned;
  private final AddrFilter filter;
  private final WorldAddresses judge;
  private final DhtPublisher publisher;

  private DhtDiscovery(Builder settings, DiscoveryContext context) throws IOException {
    this.owned = settings.shared == null;
    this.dht = settings.shared != null ? settings.shared : settings.client(context);
    this.filter = settings.filter;
    this.judge =
        context.loopbackOnly() ? WorldAddresses.withLoopback() : WorldAddresses.reachable();
    this.publisher = new DhtPublisher(dht, context, settings.republish);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A node that is named as {@code host:port}; hosts stay unresolved. */
  static InetSocketAddress hostAndPort(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port > 0 && port < 65_536 && !host.isEmpty() && (bracketed || host.indexOf(':') < 0)) {
        // Only digits and colons name an address: all else is left for when it is needed.
        return bracketed || host.matches("[0-9.]+")
            ? new InetSocketAddress(host, port)
            : InetSocketAddress.createUnresolved(host, port);
      }
    } catch (NumberFormatException notOne) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException("not a node of the form HOST:PORT: " + text);
  }

  @Override
  public String name() {
    return "dht";
  }

  @Override
  public void publish(EndpointData self) {
    publisher.publish(filter.apply(self));
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    return dht.find(
        id,
        new Dht.Found() {
          @Override
          public void onPacket(SignedPacket packet) {
            TxtRecords records = TxtRecords.read(packet);
            List<TransportAddr> addrs = judge.keep(records.addrs());
            EndpointData data = new EndpointData(addrs, records.userData());
            if (!data.isEmpty()) {
              sink.found(new DiscoveryItem(id, data, name(), Optional.of(DhtItems.time(packet))));
            }
          }

          @Override
          public void onEnd(@Nullable IOException failure) {
            if (failure != null) {
              sink.failed(failure);
            } else {
              sink.done();
            }
          }
        });
  }

  @Override
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>(dht.metrics());
    all.putAll(publisher.metrics());
    all.put("addresses_refused", judge.refused());
    return all;
  }

  @Override
  public void networkChanged() {
    publisher.retryNow();
  }

  /** The shared participant, if there is one, is not closed. */
  @Override
  public void close() {
    publisher.close();
    if (owned) {
      dht.close();
    }
  }

  /** Settings. Not thread-safe; each {@link #build} reads them anew. */
  public static final class Builder {
    private final List<InetSocketAddress> bootstrap = new ArrayList<>();
    private @Nullable InetSocketAddress bind;
    private @Nullable Dht shared;
    private AddrFilter filter = AddrFilter.relayOnly();
    private Duration republish = DhtPublisher.REPUBLISH;

    private Builder() {}

    /** Adds a node to begin with, as {@code host:port}. */
    public Builder bootstrap(String hostAndPort) {
      bootstrap.add(hostAndPort(hostAndPort));
      return this;
    }

    /** Adds nodes to begin with. */
    public Builder bootstrap(List<InetSocketAddress> nodes) {
      bootstrap.addAll(nodes);
      return this;
    }

    /** Where the UDP socket is bound; by default any port, on loopback if the endpoint is. */
    public Builder bind(InetSocketAddress address) {
      this.bind = address;
      return this;
    }

    /**
     * Uses a participant that others may use too, for instance a {@link DhtNode} of this program,
     * instead of a client of its own. It is not closed with the service.
     */
    public Builder dht(Dht participant) {
      this.shared = participant;
      return this;
    }

    /** What is published: relays only by default. */
    public Builder filter(AddrFilter published) {
      this.filter = published;
      return this;
    }

    /** How often the packet is stored again: hourly by default, since nodes forget it after two. */
    public Builder republish(Duration every) {
      if (every.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("republishing more often than each second: " + every);
      }
      this.republish = every;
      return this;
    }

    /**
     * What makes the service of an endpoint.
     *
     * @throws IllegalStateException if there is neither a bootstrap node nor a participant
     */
    public Discovery.Factory build() {
      if (shared == null && bootstrap.isEmpty()) {
        throw new IllegalStateException(NO_BOOTSTRAP);
      }
      return context -> new DhtDiscovery(this, context);
    }

    private DhtClient client(DiscoveryContext context) throws IOException {
      DhtBuilder<DhtClient> client = DhtClient.builder().bootstrap(bootstrap);
      if (bind != null) {
        client.bind(bind);
      } else if (context.loopbackOnly()) {
        client.bind(new InetSocketAddress("127.0.0.1", 0));
      }
      return client.start();
    }
  }
}
