package dev.warren.serving.pages;

import dev.warren.base.EndpointBindException;
import dev.warren.serving.wire.HttpRequest;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers Prometheus: every path has all counters. No authentication, as in the field: bind it
 * where only the scraper reaches it. Any thread.
 */
public final class MetricsPage implements AutoCloseable {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PageServer server;

  /**
   * Binds; port 0 takes a free one.
   *
   * @param metrics asked at each scrape, on a thread of this listener
   * @throws EndpointBindException if the address cannot be had
   */
  public MetricsPage(
      InetSocketAddress address, Supplier<Map<String, Long>> metrics, MetricsText format)
      throws EndpointBindException {
    server = new PageServer("metrics", address, request -> page(request, format.of(metrics.get())));
  }

  private static Page page(HttpRequest request, String text) {
    boolean open =
        request
            .header("accept")
            .filter(a -> a.contains("application/openmetrics-text"))
            .isPresent();
    return Page.ok(open ? OPEN_METRICS : TEXT, text);
  }

  public InetSocketAddress address() {
    return server.address();
  }

  /** Within a second. Idempotent. */
  @Override
  public void close() {
    server.close();
  }
}
