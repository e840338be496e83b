package dev.warren.relay.server.config;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import dev.warren.relay.server.operation.LoggedAccess;
import dev.warren.relay.server.operation.MetricsListener;
import dev.warren.relay.server.operation.StatusPage;
import dev.warren.serving.certificates.CertificateFile;
import dev.warren.serving.config.Service;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A relay with all that its configuration puts beside it. Any thread. */
public final class RunningRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("dev.warren.relay.server.lifecycle");

  private final RelayServer server;
  private final LoggedAccess access;
  private final @Nullable MetricsListener metrics;
  private final @Nullable StatusPage status;
  private final @Nullable Path certificateFile;

  private RunningRelay(
      RelayServer server,
      LoggedAccess access,
      @Nullable MetricsListener metrics,
      @Nullable StatusPage status,
      @Nullable Path certificateFile) {
    this.server = server;
    this.access = access;
    this.metrics = metrics;
    this.status = status;
    this.certificateFile = certificateFile;
  }

  /**
   * Starts everything; waits.
   *
   * @throws EndpointBindException if the relay, or a service whose address the configuration names,
   *     cannot be started; nothing is left running then. A service whose default port is taken is
   *     left out with a warning
   */
  public static RunningRelay start(RelayConfig config) throws EndpointBindException {
    LoggedAccess access = new LoggedAccess(config.access().control());
    RelayServer server = server(config, access);
    MetricsListener metrics = null;
    StatusPage status = null;
    try {
      metrics =
          optional(config.metrics(), "metrics", at -> new MetricsListener(at, server::metrics));
      status =
          optional(
              config.status(), "status page", at -> new StatusPage(at, new ServerStatus(server)));
      publish(config, server);
    } catch (EndpointBindException e) {
      if (metrics != null) {
        metrics.close();
      }
      if (status != null) {
        status.close();
      }
      server.close();
      throw e;
    }
    RunningRelay relay = new RunningRelay(server, access, metrics, status, published(config));
    relay.tell(config);
    return relay;
  }

  private static RelayServer server(RelayConfig config, LoggedAccess access)
      throws EndpointBindException {
    InetSocketAddress address = config.tls().map(TlsSettings::https).orElse(config.http());
    Optional<Service> stun = config.stun();
    if (stun.isEmpty()) {
      return builder(config, access).bind(address);
    }
    try {
      return builder(config, access).stun(stun.get().address()).bind(address);
    } catch (EndpointBindException e) {
      if (stun.get().asked()) {
        throw e;
      }
      RelayServer without = builder(config, access).bind(address);
      leftOut("STUN", e);
      return without;
    }
  }

  private static RelayServer.Builder builder(RelayConfig config, LoggedAccess access) {
    RelayServer.Builder builder =
        RelayServer.builder()
            .access(access)
            .limits(config.limits())
            .legacyClients(config.legacyClients())
            .trustedProxies(config.trustedProxies())
            .proxyProtocol(config.proxyProtocol());
    config.tls().ifPresent(tls -> builder.tls(tls.source()).plainHttp(config.http()));
    return builder;
  }

  private interface Start<T> {
    T at(InetSocketAddress address) throws EndpointBindException;
  }

  private static <T> @Nullable T optional(Optional<Service> service, String what, Start<T> start)
      throws EndpointBindException {
    if (service.isEmpty()) {
      return null;
    }
    try {
      return start.at(service.get().address());
    } catch (EndpointBindException e) {
      if (service.get().asked()) {
        throw e;
      }
      leftOut(what, e);
      return null;
    }
  }

  private static @Nullable Path published(RelayConfig config) {
    return config.tls().flatMap(TlsSettings::publish).orElse(null);
  }

  /** At each start, since it is another one each time. */
  private static void publish(RelayConfig config, RelayServer server) throws EndpointBindException {
    Path file = published(config);
    if (file != null) {
      try {
        CertificateFile.write(file, server.certificate().orElseThrow());
      } catch (IOException e) {
        throw new EndpointBindException(
            "the relay's certificate cannot be written to " + file + ": " + e, e);
      }
    }
  }

  private static void leftOut(String what, EndpointBindException why) {
    LOG.atWarn()
        .addKeyValue("event", "left_out")
        .log("{} is not served, as its default port is taken: {}", what, why.getMessage());
  }

  private void tell(RelayConfig config) {
    config
        .remarks()
        .forEach(
            remark -> LOG.atWarn().addKeyValue("event", "remark").log("configuration, {}", remark));
    LOG.atInfo()
        .addKeyValue("event", "serving")
        .addKeyValue("url", server.url())
        .addKeyValue("metrics", shown(metricsAddress()))
        .addKeyValue("status", shown(statusAddress()))
        .addKeyValue("stun", shown(server.stunAddress()))
        .addKeyValue("access", config.access())
        .log("relay serves");
  }

  private static String shown(Optional<InetSocketAddress> address) {
    return address.map(SocketAddrs::toString).orElse("off");
  }

  /**
   * Takes over what can change while a relay runs: who may connect, the limits, and the certificate
   * if its files are new; if they cannot be used, the one in use stays, and the log says why.
   * Everything else needs a restart. Whom a list now excludes is cut off; all others who are
   * connected stay.
   */
  public void reload(RelayConfig config) {
    access.rule(config.access().control());
    server.limits(config.limits());
    server.connected().stream()
        .filter(client -> config.access().excludes(client.node()))
        .forEach(client -> server.disconnect(client.node(), client.connection()));
    try {
      server.reloadTls();
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "certificate_kept")
          .log("the certificate in use stays: {}", e.getMessage());
    }
    LOG.atInfo()
        .addKeyValue("event", "reloaded")
        .addKeyValue("access", config.access())
        .log("access control and limits are taken over; other changes need a restart");
  }

  public RelayServer server() {
    return server;
  }

  /** Where Prometheus is answered, if it is. */
  public Optional<InetSocketAddress> metricsAddress() {
    return Optional.ofNullable(metrics).map(MetricsListener::address);
  }

  /** Where the status page is, if there is one. */
  public Optional<InetSocketAddress> statusAddress() {
    return Optional.ofNullable(status).map(StatusPage::address);
  }

  /** Where the certificate is that the relay signed itself, if the configuration says so. */
  public Optional<Path> certificateFile() {
    return Optional.ofNullable(certificateFile);
  }

  /** Ends gracefully: clients are told to go elsewhere and have that long to do so. Waits. */
  public void drain(Duration limit) {
    LOG.atInfo()
        .addKeyValue("event", "draining")
        .addKeyValue("clients", server.clients())
        .addKeyValue("seconds", limit.toSeconds())
        .log("relay ends: clients are told to go elsewhere");
    server.drain(limit);
    close();
  }

  /** Within four seconds. Idempotent. */
  @Override
  public void close() {
    server.close();
    if (metrics != null) {
      metrics.close();
    }
    if (status != null) {
      status.close();
    }
    LOG.atInfo().addKeyValue("event", "ended").log("relay has ended");
  }
}
