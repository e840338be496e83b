package dev.warren.discovery.dht;

import dev.warren.discovery.dht.io.BootstrapHosts;
import dev.warren.discovery.dht.io.DhtSocket;
import dev.warren.discovery.dht.logic.ItemStore;
import dev.warren.discovery.dht.wire.DhtId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a participant of the DHT. Not thread-safe.
 *
 * @param <D> what it makes
 */
public final class DhtBuilder<D extends Dht> {
  private final boolean serves;
  private final BiFunction<DhtSocket, BootstrapHosts, D> kind;
  private final List<InetSocketAddress> bootstrap = new ArrayList<>();
  private InetSocketAddress bind = new InetSocketAddress("0.0.0.0", 0);
  private int maxItems = ItemStore.LIMIT;
  private @Nullable DhtId id;

  DhtBuilder(boolean serves, BiFunction<DhtSocket, BootstrapHosts, D> kind) {
    this.serves = serves;
    this.kind = kind;
  }

  /**
   * Where the socket is bound; by default any port of all IPv4 addresses. The family of the address
   * is that of the nodes that are talked to: Rust mainline, and so iroh, knows IPv4 only.
   */
  public DhtBuilder<D> bind(InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("not an IP address: " + address.getHostString());
    }
    this.bind = address;
    return this;
  }

  /**
   * Adds nodes to begin with. Unresolved ones are looked up when they are needed, again every ten
   * minutes. There are none by default: {@link DhtDiscovery#PUBLIC_BOOTSTRAP} names those of the
   * public DHT.
   */
  public DhtBuilder<D> bootstrap(Collection<InetSocketAddress> addresses) {
    bootstrap.addAll(addresses);
    return this;
  }

  /**
   * Adds a node to begin with.
   *
   * @param hostAndPort as {@code host:port}, {@code ip:port} or {@code [ipv6]:port}
   * @throws IllegalArgumentException if it has another form
   */
  public DhtBuilder<D> bootstrap(String hostAndPort) {
    bootstrap.add(DhtDiscovery.hostAndPort(hostAndPort));
    return this;
  }

  /** Items of others that a node keeps, 10,000 by default; some 2 KiB of memory each. */
  public DhtBuilder<D> maxItems(int items) {
    if (items < 0) {
      throw new IllegalArgumentException("a negative number of items: " + items);
    }
    this.maxItems = items;
    return this;
  }

  DhtBuilder<D> id(DhtId own) {
    this.id = own;
    return this;
  }

  /**
   * Binds and starts.
   *
   * @throws IOException if the address cannot be bound
   * @throws IllegalStateException if a client has no bootstrap nodes
   */
  public D start() throws IOException {
    if (!serves && bootstrap.isEmpty()) {
      throw new IllegalStateException(DhtDiscovery.NO_BOOTSTRAP);
    }
    return kind.apply(DhtSocket.open(bind, id, serves, maxItems), new BootstrapHosts(bootstrap));
  }
}
