package dev.warren.core;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.core.PeerLookups.PeerLookup;
import dev.warren.core.io.CallbackExecutors;
import dev.warren.core.io.Promises;
import dev.warren.discovery.ConcurrentLookup;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryEvent;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.Lookup;
import dev.warren.discovery.LookupException;
import dev.warren.discovery.ResolveSink;
import dev.warren.magicsock.MagicSocket;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The discovery services of an endpoint while it runs: adds and removes them, asks them, hears of
 * neighbours. Dials ask by themselves; this is for applications that want to know more. Any thread;
 * after the endpoint's close nothing happens and nothing is found.
 */
public final class EndpointDiscovery {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointDiscovery.class);

  private final DiscoveryContext context;
  private final ExecutorService callbacks;
  private final ScheduledExecutorService timers;
  private final ConcurrentLookup services;
  private final PeerLookups lookups;
  private final Publishing publishing;

  /**
   * @throws EndpointBindException if a service cannot be made; those made before it are closed
   */
  EndpointDiscovery(EndpointBuilder config, MagicSocket socket, ExecutorService callbacks)
      throws EndpointBindException {
    this.callbacks = callbacks;
    this.timers = timers();
    Executor executor = CallbackExecutors.neverRejecting(callbacks);
    this.context = new DiscoveryContext(config.secretKey, socket.boundSockets(), executor, timers);
    this.services = new ConcurrentLookup(executor, timers, config.publishFilter);
    this.lookups = new PeerLookups(services, socket);
    try {
      for (Discovery.Factory factory : config.discovery) {
        add(factory);
      }
    } catch (IOException | RuntimeException e) {
      services.close();
      timers.shutdownNow();
      throw new EndpointBindException("a discovery service cannot start: " + e.getMessage(), e);
    }
    this.publishing = new Publishing(services, socket.addr(), config.userData);
  }

  /** One thread that is started when the first timer is set. */
  private static ScheduledExecutorService timers() {
    ScheduledThreadPoolExecutor timers =
        new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("warren-discovery", true));
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return timers;
  }

  // ---- services ----

  /**
   * Makes a service and adds it; it is told at once where we are. It is closed with the endpoint,
   * or by {@link #remove}.
   *
   * @throws IOException if it cannot be made
   */
  public Discovery add(Discovery.Factory factory) throws IOException {
    Discovery service =
        Objects.requireNonNull(factory.create(context), "the factory made no service");
    services.add(service);
    return service;
  }

  /** Takes a service out and closes it; false if it is not there. */
  public boolean remove(Discovery service) {
    return services.remove(service);
  }

  /** The services that there are. */
  public List<Discovery> services() {
    return services.services();
  }

  // ---- publishing ----

  /**
   * What the application wants known of this node, beside its addresses; empty takes it back.
   *
   * @throws IllegalArgumentException if it is longer than {@value EndpointData#MAX_USER_DATA} bytes
   *     of UTF-8
   */
  public void userData(Optional<String> text) {
    publishing.userData(new EndpointData(List.of(), text).userData());
  }

  /** What the services were last told of us; empty if there was nothing to tell. */
  public Optional<EndpointData> published() {
    return services.published();
  }

  // ---- lookups ----

  /**
   * Asks every service where a node is. The sink hears of each finding as it comes and of the end,
   * which is within {@link Lookup#LIMIT}: {@link ResolveSink#done} if there were any, else {@link
   * ResolveSink#failed} with a {@link LookupException}. It is called on the services' threads, one
   * call at a time, and must not block. Nothing is learned from this for dialling. Close what is
   * returned to end the lookup early; the sink hears no more then.
   */
  public Lookup lookup(NodeId id, ResolveSink sink) {
    return services.resolve(id, sink);
  }

  /**
   * As above: everything that is found, once every service has ended. Fails with a {@link
   * LookupException}; cancelling ends the lookup.
   */
  public CompletableFuture<List<DiscoveryItem>> lookup(NodeId id) {
    List<DiscoveryItem> found = new CopyOnWriteArrayList<>();
    CompletableFuture<List<DiscoveryItem>> all = new CompletableFuture<>();
    Lookup lookup =
        services.resolve(
            id,
            new ResolveSink() {
              @Override
              public void found(DiscoveryItem item) {
                found.add(item);
              }

              @Override
              public void done() {
                all.complete(List.copyOf(found));
              }

              @Override
              public void failed(Throwable cause) {
                all.completeExceptionally(cause);
              }
            });
    return Promises.expose(all, callbacks, lookup::close);
  }

  /**
   * Hears of nodes that services see without being asked, as on the local network; of the services
   * that there are now. Called on their threads; must not block.
   */
  public Subscription subscribe(Consumer<? super DiscoveryEvent> listener) {
    return services.subscribe(listener);
  }

  // ---- the endpoint's own use ----

  /** Looks for a peer that a dial needs, unless it is reached right now or nobody can be asked. */
  Optional<PeerLookup> lookFor(NodeId id) {
    return lookups.startIfNeeded(id);
  }

  /** A lookup of a peer that is under way, whoever began it. */
  Optional<PeerLookup> running(NodeId id) {
    return lookups.running(id);
  }

  void onLost(NodeId id) {
    lookups.onLost(id);
  }

  ScheduledExecutorService clock() {
    return timers;
  }

  ConcurrentLookup all() {
    return services;
  }

  void networkChanged() {
    services.networkChanged();
  }

  /** Begins the end; completes when every service has closed, which one may never do. */
  CompletableFuture<Void> closeAsync() {
    publishing.stop();
    CompletableFuture<Void> closed = services.closeAsync();
    lookups.close();
    return closed;
  }

  /** After that, or after the time for it. */
  void terminate() {
    List<String> late = services.unclosed();
    if (!late.isEmpty()) {
      LOG.warn("discovery services that did not close in time: {}; the endpoint ends so", late);
    }
    timers.shutdownNow();
  }
}
