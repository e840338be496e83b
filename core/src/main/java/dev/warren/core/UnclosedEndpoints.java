package dev.warren.core;

import java.lang.ref.Cleaner;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports endpoints that nobody can reach any more and nobody has closed, and frees what they hold.
 * An endpoint with open connections is in use. Any thread.
 */
final class UnclosedEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(UnclosedEndpoints.class);

  /** Set to {@code true}, reports say where the endpoint was bound; costs a stack trace each. */
  static final String SITES = "dev.warren.endpointSites";

  /** As {@link Endpoint#close()}. */
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private static final Cleaner CLEANER = Cleaner.create();

  private UnclosedEndpoints() {}

  static void watch(Endpoint endpoint, EndpointEnd end) {
    String name = endpoint.toString();
    @Nullable Throwable site =
        Boolean.getBoolean(SITES) ? new Throwable(name + " was bound here") : null;
    CLEANER.register(endpoint, () -> free(name, end, site));
  }

  private static void free(String name, EndpointEnd end, @Nullable Throwable site) {
    if (end.begun()) {
      return;
    }
    LOG.warn(
        "{} was garbage-collected without close(): its sockets and threads are freed now{}",
        name,
        site == null ? "; start Java with -D" + SITES + "=true to see where it was bound" : "",
        site);
    end.begin(LIMIT, 0, "");
  }
}
