package dev.warren.dns.server.config;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.dht.DhtBuilder;
import dev.warren.discovery.dht.DhtClient;
import dev.warren.dns.server.DnsServer;
import dev.warren.dns.server.store.Eviction;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreException;
import dev.warren.serving.certificates.CertificateFile;
import dev.warren.serving.config.Service;
import dev.warren.serving.pages.MetricsPage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A DNS server with all that its configuration puts beside it. Any thread. */
public final class RunningDns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("dev.warren.dns.server.lifecycle");

  /** The last opened is the first closed. */
  private final Deque<Runnable> parts = new ArrayDeque<>();

  private final ReentrantLock lock = new ReentrantLock();

  private final DnsServer server;
  private final @Nullable MetricsPage metrics;
  private final @Nullable Path certificateFile;

  private RunningDns(DnsConfig config) throws EndpointBindException, StoreException {
    try {
      DnsServer.Builder builder = builder(config);
      DhtClient dht = dht(config);
      if (dht != null) {
        parts.push(dht::close);
        builder.fallback(dht::mostRecent);
      }
      // After all that needs no store: a server that closes the store takes it over.
      PacketStore store = config.store().backend().open();
      server = builder.store(store).bind();
      parts.push(server::close);
      StoreSettings kept = config.store();
      parts.push(Eviction.start(store, kept.eviction(), kept.interval())::close);
      metrics = metrics(config.metrics(), server);
      if (metrics != null) {
        parts.push(metrics::close);
      }
      certificateFile = config.https().flatMap(HttpsSettings::publish).orElse(null);
      publish(server, certificateFile);
    } catch (EndpointBindException | StoreException | RuntimeException e) {
      closeParts();
      throw e;
    }
  }

  /**
   * Starts everything; waits.
   *
   * @throws EndpointBindException if the server, or a service whose address the configuration
   *     names, cannot be started; nothing is left running then. A service whose default port is
   *     taken is left out with a warning
   * @throws StoreException if the store cannot be opened
   */
  public static RunningDns start(DnsConfig config) throws EndpointBindException, StoreException {
    RunningDns dns = new RunningDns(config);
    dns.tell(config);
    return dns;
  }

  private static DnsServer.Builder builder(DnsConfig config) {
    DnsServer.Builder builder =
        DnsServer.builder()
            .dns(config.dns())
            .origins(config.origins())
            .putLimit(config.putLimit())
            .trustedProxies(config.trustedProxies())
            .proxyProtocol(config.proxyProtocol())
            .limits(config.limits());
    config.http().ifPresent(builder::http);
    config.https().ifPresent(https -> builder.https(https.address(), https.source()));
    return builder;
  }

  private static @Nullable DhtClient dht(DnsConfig config) throws EndpointBindException {
    List<String> nodes = config.mainline().orElse(List.of());
    if (nodes.isEmpty()) {
      return null;
    }
    DhtBuilder<DhtClient> builder = DhtClient.builder();
    nodes.forEach(builder::bootstrap);
    if (nodes.stream().allMatch(node -> node.startsWith("127."))) {
      builder.bind(new InetSocketAddress("127.0.0.1", 0));
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new EndpointBindException("the DHT client cannot start: " + e.getMessage(), e);
    }
  }

  private static @Nullable MetricsPage metrics(Optional<Service> service, DnsServer server)
      throws EndpointBindException {
    if (service.isEmpty()) {
      return null;
    }
    try {
      return new MetricsPage(service.get().address(), server::metrics, DnsMetrics.FORMAT);
    } catch (EndpointBindException e) {
      if (service.get().asked()) {
        throw e;
      }
      LOG.atWarn()
          .addKeyValue("event", "left_out")
          .log("metrics is not served, as its default port is taken: {}", e.getMessage());
      return null;
    }
  }

  /** At each start, since it is another one each time. */
  private static void publish(DnsServer server, @Nullable Path file) throws EndpointBindException {
    if (file != null) {
      try {
        CertificateFile.write(file, server.certificate().orElseThrow());
      } catch (IOException e) {
        throw new EndpointBindException(
            "the server's certificate cannot be written to " + file + ": " + e, e);
      }
    }
  }

  private void tell(DnsConfig config) {
    config
        .remarks()
        .forEach(
            remark -> LOG.atWarn().addKeyValue("event", "remark").log("configuration, {}", remark));
    LOG.atInfo()
        .addKeyValue("event", "serving")
        .addKeyValue("dns", SocketAddrs.toString(server.dnsAddress()))
        .addKeyValue("http", shown(server.httpAddress()))
        .addKeyValue("https", shown(server.httpsAddress()))
        .addKeyValue("metrics", shown(metricsAddress()))
        .addKeyValue("origins", server.origins().names())
        .addKeyValue("store", config.store().backend())
        .log("DNS server serves");
  }

  private static String shown(Optional<InetSocketAddress> address) {
    return address.map(SocketAddrs::toString).orElse("off");
  }

  /**
   * Takes over what can change while a server runs: origins and their records, the limit for
   * publishing, and the certificate if its files are new. Everything else needs a restart.
   */
  public void reload(DnsConfig config) {
    server.origins(config.origins());
    server.putLimit(config.putLimit());
    try {
      server.reloadTls();
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "certificate_kept")
          .log("the certificate in use stays: {}", e.getMessage());
    }
    LOG.atInfo()
        .addKeyValue("event", "reloaded")
        .log("origins and the limit for publishing are taken over; other changes need a restart");
  }

  public DnsServer server() {
    return server;
  }

  /** Where Prometheus is answered, if it is. */
  public Optional<InetSocketAddress> metricsAddress() {
    return Optional.ofNullable(metrics).map(MetricsPage::address);
  }

  /** Where the certificate is that the server signed itself, if the configuration says so. */
  public Optional<Path> certificateFile() {
    return Optional.ofNullable(certificateFile);
  }

  /**
   * Ends gracefully: {@code /healthz} says so, and everything is served on for that long. Waits.
   */
  public void drain(Duration window) {
    LOG.atInfo()
        .addKeyValue("event", "draining")
        .addKeyValue("seconds", window.toSeconds())
        .log("DNS server ends");
    server.drain(window);
    close();
  }

  /** Within four seconds, and as long as the store needs. Idempotent. */
  @Override
  public void close() {
    if (closeParts()) {
      LOG.atInfo().addKeyValue("event", "ended").log("DNS server has ended");
    }
  }

  private boolean closeParts() {
    lock.lock();
    try {
      boolean open = !parts.isEmpty();
      while (!parts.isEmpty()) {
        parts.pop().run();
      }
      return open;
    } finally {
      lock.unlock();
    }
  }
}
