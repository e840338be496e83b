package dev.warren.cli;

import dev.warren.base.SocketAddrs;
import dev.warren.cli.log.LogLines;
import dev.warren.relay.server.config.RelayConfig;
import dev.warren.relay.server.config.RunningRelay;
import dev.warren.serving.config.ConfigException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "relay",
    mixinStandardHelpOptions = true,
    description = "Runs a relay until interrupted.")
final class RelayCommand implements Callable<Integer> {
  private static final InetSocketAddress DEV = SocketAddrs.parse("127.0.0.1:3340");
  private static final String DEV_CERTIFICATE = "warren-relay.pem";

  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = {"--config", "--config-path", "-c"},
      paramLabel = "FILE",
      description = "TOML: docs/operations.md has every key")
  @Nullable Path config;

  @Option(
      names = "--check",
      description = "only say what --config would serve: exit code 0, or 2 if it is wrong")
  boolean check;

  @Option(
      names = "--dev",
      description = "plain http, for trying things out; without --config on loopback")
  boolean dev;

  @Option(
      names = "--dev-tls",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = DEV_CERTIFICATE,
      description =
          "as --dev, but https; the certificate is made at each start and written to FILE for"
              + " --relay-ca (default: "
              + DEV_CERTIFICATE
              + ")")
  @Nullable Path devTls;

  @Option(
      names = "--bind",
      paramLabel = "IP:PORT",
      description =
          "with --dev or --dev-tls: where to listen, port 0 for a free one (default: 127.0.0.1:3340)")
  @Nullable InetSocketAddress bind;

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      description = "serve metrics on loopback at this port, 0 for a free one")
  @Nullable LoopbackPort metricsPort;

  @Option(
      names = "--status-port",
      paramLabel = "N",
      description = "serve the status page on loopback at this port, 0 for a free one")
  @Nullable LoopbackPort statusPort;

  @Override
  public Integer call() throws Exception {
    Output out = output.output();
    RelayConfig wanted;
    try {
      wanted = wanted();
    } catch (ConfigException e) {
      return Failures.wrongFile(e.getMessage(), out.json());
    }
    if (check) {
      RelayReport.checked(out, config, wanted);
      return 0;
    }
    serve(out, wanted);
    return 0;
  }

  private RelayConfig wanted() throws ConfigException {
    RelayConfig wanted = configured();
    if (metricsPort != null) {
      wanted = wanted.withMetrics(metricsPort.address());
    }
    return statusPort == null ? wanted : wanted.withStatus(statusPort.address());
  }

  private RelayConfig configured() throws ConfigException {
    if (config == null && !dev && devTls == null) {
      throw new UsageException("relay needs --config FILE, --dev or --dev-tls");
    }
    if (config == null && check) {
      throw new UsageException("--check needs --config FILE");
    }
    if (config != null && devTls != null) {
      throw new UsageException(
          "--dev-tls goes without --config: a file has tls.cert_mode = \"SelfSigned\"");
    }
    if (bind != null && config != null) {
      throw new UsageException("--bind goes with --dev alone: a file has http_bind_addr");
    }
    if (config == null) {
      InetSocketAddress at = bind == null ? DEV : bind;
      return devTls == null ? RelayConfig.development(at) : RelayConfig.developmentTls(at, devTls);
    }
    return dev
        ? RelayConfig.readForDevelopment(config, System.getenv())
        : RelayConfig.read(config, System.getenv());
  }

  private void serve(Output out, RelayConfig wanted) throws Exception {
    LogLines.ofServer("dev.warren.relay.server", out.json());
    try (Interruption interruption = Interruption.ofServer(out);
        RunningRelay relay = RunningRelay.start(wanted)) {
      interruption.closes(
          () -> {
            Signals.endAtOnceOnTheNext();
            if (relay.server().clients() > 0) {
              RelayReport.draining(out, relay, wanted.drain());
            }
            relay.drain(wanted.drain());
          });
      if (config != null) {
        Signals.onHangUp(() -> reload(relay));
      }
      RelayReport.bound(out, relay);
      interruption.serve();
    }
  }

  /**
   * A file that is wrong now changes nothing: the relay goes on with what it has. Ports that
   * options name need no second look, as no port is changed.
   */
  private void reload(RunningRelay relay) {
    try {
      relay.reload(RelayConfig.readAgain(config, System.getenv(), dev));
    } catch (ConfigException e) {
      System.err.println("warren: not reloaded: " + Output.shown(e.getMessage()));
    }
  }
}
