package dev.warren.discovery;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One way in which nodes make known where they are, or find out where others are. A service does
 * what it can of the two; what it leaves out does nothing.
 *
 * <p>All methods may be called from any thread, also at the same time, and return at once: what
 * takes time runs on {@link DiscoveryContext#executor} or on threads of the service's own, which
 * end with {@link #close}. None of them throws for what happens on the network.
 */
public interface Discovery extends AutoCloseable {
  /** A short name for people: "dns", "pkarr". It is the provenance of what is found. */
  String name();

  /**
   * Makes known where we are. Called after the endpoint is bound and again whenever something
   * changes; the newest replaces all before. A service that must repeat itself does so until the
   * close. It filters what it is given by its own {@link AddrFilter}.
   */
  default void publish(EndpointData self) {}

  /**
   * Looks for a node. The sink hears of each finding, then once of the end: {@link
   * ResolveSink#done} or {@link ResolveSink#failed}. A lookup takes a bounded time. Closing what is
   * returned ends it early: soon after nothing more is sent, and the sink need not hear of the end.
   */
  default Subscription resolve(NodeId id, ResolveSink sink) {
    sink.done();
    return () -> {};
  }

  /** Whether {@link #resolve} ever finds anything; a service that only publishes says no. */
  default boolean resolves() {
    return true;
  }

  /**
   * Hears of nodes that nobody asked for. Only services that see their neighbours, as the local
   * network's does, ever call the listener; each call is on the service's threads and must not
   * block.
   */
  default Subscription subscribe(Consumer<? super DiscoveryEvent> listener) {
    return () -> {};
  }

  /** The host's network changed: forget what depends on it, look at the interfaces anew. */
  default void networkChanged() {}

  /** Counters of this service by name, for metrics pages. */
  default Map<String, Long> metrics() {
    return Map.of();
  }

  /**
   * Stops everything and frees it, in at most a second; lookups under way end. May withdraw what
   * was published where the way of publishing allows it. Idempotent, any thread.
   */
  @Override
  void close();

  /** Makes the service of one endpoint, once its sockets are bound. */
  @FunctionalInterface
  interface Factory {
    /**
     * @throws IOException if the service cannot work at all, for instance has no socket: the
     *     endpoint is then not bound, and its error is this one
     */
    Discovery create(DiscoveryContext context) throws IOException;
  }
}
