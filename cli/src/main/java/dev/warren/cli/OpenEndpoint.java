package dev.warren.cli;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.EndpointMetrics;
import dev.warren.serving.pages.MetricsPage;
import dev.warren.serving.pages.MetricsText;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The endpoint of a command and the page of its counters. Any thread. */
final class OpenEndpoint implements AutoCloseable {
  private static final MetricsText FORMAT =
      new MetricsText("warren_", Set.of(), Set.of(), flat(EndpointMetrics.descriptions()));

  private final Endpoint endpoint;
  private final Findings findings;
  private final @Nullable MetricsPage page;

  private OpenEndpoint(Endpoint endpoint, Findings findings, @Nullable MetricsPage page) {
    this.endpoint = endpoint;
    this.findings = findings;
    this.page = page;
  }

  /**
   * Binds both, and tells where the counters are.
   *
   * @param port of the page; null for none
   */
  static OpenEndpoint open(
      Output out, EndpointBuilder builder, Findings findings, @Nullable LoopbackPort port)
      throws EndpointBindException {
    Endpoint endpoint = builder.bind();
    if (port == null) {
      return new OpenEndpoint(endpoint, findings, null);
    }
    try {
      MetricsPage page =
          new MetricsPage(port.address(), () -> flat(endpoint.metrics().values()), FORMAT);
      String at = SocketAddrs.toString(page.address());
      out.event("metrics", "metrics at http://" + at + "/metrics", "addr", at);
      return new OpenEndpoint(endpoint, findings, page);
    } catch (EndpointBindException | RuntimeException e) {
      endpoint.close();
      throw e;
    }
  }

  /** Prometheus knows no dots in names. */
  private static <V> Map<String, V> flat(Map<String, V> byName) {
    return byName.entrySet().stream()
        .collect(
            Collectors.toMap(
                e -> e.getKey().replace('.', '_'), Map.Entry::getValue, (a, b) -> a, TreeMap::new));
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** Tells of the nodes that services see without being asked. */
  void tellNeighbours() {
    endpoint.discovery().subscribe(findings::seen);
  }

  /** Who named the addresses of its peers. */
  Provenance provenance() {
    return new Provenance(endpoint);
  }

  @Override
  public void close() {
    endpoint.close();
    if (page != null) {
      page.close();
    }
  }
}
