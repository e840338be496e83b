package dev.warren.relay.server.operation;

import dev.warren.base.EndpointBindException;
import dev.warren.serving.pages.MetricsPage;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers Prometheus: every path has all counters (relay-server section 11). No authentication, as
 * in the field: bind it where only the scraper reaches it. Any thread.
 */
public final class MetricsListener implements AutoCloseable {
  private final MetricsPage page;

  /**
   * Binds; port 0 takes a free one.
   *
   * @param metrics asked at each scrape, on a thread of this listener: {@code relay::metrics}
   * @throws EndpointBindException if the address cannot be had
   */
  public MetricsListener(InetSocketAddress address, Supplier<Map<String, Long>> metrics)
      throws EndpointBindException {
    page = new MetricsPage(address, metrics, MetricsHelp.FORMAT);
  }

  public InetSocketAddress address() {
    return page.address();
  }

  /** Within a second. Idempotent. */
  @Override
  public void close() {
    page.close();
  }
}
