package dev.warren.cli;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.cli.log.LogLines;
import dev.warren.dns.server.config.DnsConfig;
import dev.warren.dns.server.config.RunningDns;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.zone.Origins;
import dev.warren.serving.config.ConfigException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "dns",
    mixinStandardHelpOptions = true,
    description = "Runs a DNS server for keys, and the place to publish them, until interrupted.")
final class DnsCommand implements Callable<Integer> {
  /** Ports of iroh-dns-server's own development configuration. */
  private static final InetSocketAddress DEV_DNS = SocketAddrs.parse("127.0.0.1:5300");

  private static final InetSocketAddress DEV_HTTP = SocketAddrs.parse("127.0.0.1:8080");

  /** That of others' development, one for our own tests, and the root: a bare key is a name. */
  private static final List<String> DEV_ORIGINS =
      List.of(Origins.DEVELOPMENT, "dns.warren.test.", ".");

  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = {"--config", "-c"},
      paramLabel = "FILE",
      description = "TOML: docs/dns-server.md has every key")
  @Nullable Path config;

  @Option(
      names = "--check",
      description = "only say what --config would serve: exit code 0, or 2 if it is wrong")
  boolean check;

  @Option(
      names = "--dev",
      description =
          "for trying things out: on loopback, without limits for publishing, packets in memory")
  boolean dev;

  @Option(
      names = "--bind",
      paramLabel = "IP:PORT",
      description =
          "with --dev: where DNS is answered, over UDP and TCP, port 0 for a free one (default:"
              + " 127.0.0.1:5300, or a free port)")
  @Nullable InetSocketAddress bind;

  @Option(
      names = "--http",
      paramLabel = "IP:PORT",
      description =
          "with --dev: where packets are published and DNS is answered over HTTP (default:"
              + " 127.0.0.1:8080, or a free port)")
  @Nullable InetSocketAddress http;

  @Option(
      names = "--origin",
      paramLabel = "NAME",
      description =
          "with --dev: a domain under which keys are resolved, repeatable (default:"
              + " irohdns.example, dns.warren.test and the root)")
  List<String> origins = new ArrayList<>();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "with --dev: where packets are kept (default: in memory)")
  @Nullable Path dataDir;

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      description = "serve metrics on loopback at this port, 0 for a free one")
  @Nullable Integer metricsPort;

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    DnsConfig wanted;
    try {
      wanted = wanted();
    } catch (ConfigException e) {
      return Failures.report("config", e.getMessage(), out.json(), 2);
    }
    if (check) {
      DnsReport.checked(out, config, wanted);
      return 0;
    }
    serve(out, wanted);
    return 0;
  }

  private DnsConfig wanted() throws ConfigException {
    DnsConfig wanted = configured();
    if (metricsPort == null) {
      return wanted;
    }
    UsageException.requireRange("--metrics-port", metricsPort, 0, 65_535);
    return wanted.withMetrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), metricsPort));
  }

  private DnsConfig configured() throws ConfigException {
    if ((config == null) == !dev) {
      throw new UsageException("dns needs --config FILE, or --dev");
    }
    if (config == null && check) {
      throw new UsageException("--check needs --config FILE");
    }
    if (config != null && (bind != null || http != null || dataDir != null || !origins.isEmpty())) {
      throw new UsageException(
          "--bind, --http, --origin and --data-dir go with --dev: a file has keys for them");
    }
    if (config != null) {
      return DnsConfig.read(config, System.getenv());
    }
    try {
      List<String> names = origins.isEmpty() ? DEV_ORIGINS : origins;
      return DnsConfig.development(
          bind == null ? DEV_DNS : bind,
          http == null ? DEV_HTTP : http,
          Origins.of(names.toArray(String[]::new)),
          Optional.ofNullable(dataDir));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--origin: " + e.getMessage());
    }
  }

  private void serve(Output out, DnsConfig wanted) throws Exception {
    LogLines.ofServer("dev.warren.dns.server", out.json());
    try (Interruption interruption = Interruption.ofServer(out);
        RunningDns dns = started(wanted)) {
      interruption.closes(
          () -> {
            Signals.endAtOnceOnTheNext();
            dns.drain(wanted.drain());
          });
      if (config != null) {
        Signals.onHangUp(() -> reload(dns));
      }
      DnsReport.bound(out, dns);
      interruption.serve();
    }
  }

  /** For development, a default port that is taken is no reason not to start: any other will do. */
  private RunningDns started(DnsConfig wanted) throws EndpointBindException, StoreException {
    try {
      return RunningDns.start(wanted);
    } catch (EndpointBindException e) {
      if (!dev || bind != null && http != null) {
        throw e;
      }
      return RunningDns.start(
          wanted.withPorts(bind == null ? 0 : bind.getPort(), http == null ? 0 : http.getPort()));
    }
  }

  /** A file that is wrong now changes nothing: the server goes on with what it has. */
  private void reload(RunningDns dns) {
    try {
      dns.reload(wanted());
    } catch (ConfigException e) {
      System.err.println("warren: not reloaded: " + Output.shown(e.getMessage()));
    }
  }
}
