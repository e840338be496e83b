package dev.warren.cli;

import dev.warren.base.NodeAddr;
import dev.warren.base.SecretKey;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.TransportConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that every command with an endpoint takes. */
final class EndpointOptions {
  @Option(
      names = OptionsFile.OPTION,
      paramLabel = "FILE",
      description = "TOML with options: docs/command-line.md; those given here go before")
  @Nullable OptionsFile config;

  @Option(
      names = "--secret-key",
      paramLabel = "FILE",
      description = "identity; made if absent (default: a new one for this run)")
  @Nullable Path secretKey;

  @Option(
      names = "--bind",
      paramLabel = "IP:PORT",
      description = "where to bind, port 0 for a free one; once for IPv4, once for IPv6")
  List<InetSocketAddress> bind = new ArrayList<>();

  @Mixin final RelayOptions relays = new RelayOptions();

  @Mixin final DiscoveryOptions discovery = new DiscoveryOptions();

  @Option(
      names = "--stun",
      paramLabel = "HOST[:PORT]",
      description = "asks this STUN server too how others see us; repeatable")
  List<StunServer> stun = new ArrayList<>();

  @Option(names = "--no-direct", description = "relays only, no UDP")
  boolean noDirect;

  @Option(
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      description = "silence after which a peer counts as gone, 1 to 600 (default: 30)")
  Duration idleTimeout = Duration.ofSeconds(30);

  @Option(
      names = "--identity",
      paramLabel = "FORM",
      description = "how the key is shown in TLS: x509 (default: x509)")
  String identity = "x509";

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      description = "serve metrics on loopback at this port, 0 for a free one")
  @Nullable LoopbackPort metricsPort;

  @Option(names = "--keylog", description = "append TLS secrets to the file SSLKEYLOGFILE names")
  boolean keylog;

  @Option(names = "--qlog", paramLabel = "DIR", description = "write a qlog file per dial")
  @Nullable Path qlog;

  /** Binds an endpoint with these options, and what goes with it. */
  OpenEndpoint open(Output out) throws IOException {
    Findings findings = new Findings(out);
    return OpenEndpoint.open(out, builder(findings), findings, metricsPort);
  }

  /**
   * A builder with these options; a {@link UsageException} says which one is wrong. Files are
   * written last, when everything else is known to be right.
   */
  private EndpointBuilder builder(Findings findings) {
    UsageException.requireRange("--idle-timeout", idleTimeout.toSeconds(), 1, 600);
    if (!identity.equals("x509")) {
      throw new UsageException("--identity: x509 is the only form here, not " + identity);
    }
    if (keylog) {
      checkKeyLog();
    }
    EndpointBuilder builder =
        Endpoint.builder()
            .directEnabled(!noDirect)
            .keyLog(keylog)
            .transport(TransportConfig.internet().withIdleTimeout(idleTimeout));
    bind.forEach(builder::bindAddr);
    stun.forEach(server -> builder.stunServer(server.address()));
    if (noDirect && !relays.enabled()) {
      throw new UsageException("--no-direct and no relays leave no way to any peer");
    }
    relays.apply(builder);
    discovery.apply(builder, findings);
    try {
      if (qlog != null) {
        UsageException.requireFolder("--qlog", qlog);
      }
      if (secretKey != null) {
        builder.secretKey(SecretKey.loadOrCreate(secretKey));
      }
      if (qlog != null) {
        builder.qlog(Files.createDirectories(qlog));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    return builder;
  }

  /** An endpoint without a file would say nothing and write nothing. */
  private static void checkKeyLog() {
    String file = System.getenv("SSLKEYLOGFILE");
    if (file == null || file.isEmpty()) {
      throw new UsageException("--keylog: set SSLKEYLOGFILE to the file that takes the secrets");
    }
    Path path = Values.path(file).toAbsolutePath();
    if (Files.exists(path) && !(Files.isRegularFile(path) && Files.isWritable(path))) {
      throw new UsageException("--keylog: SSLKEYLOGFILE is not a file to write to: " + file);
    }
    UsageException.requireFolder("--keylog", Objects.requireNonNull(path.getParent()));
  }

  /** Warns a server of which nobody would hear. */
  void warnIfUnpublished(Output out) {
    if (!relays.hasOwn() && discovery.publishesRelaysOnly()) {
      String message =
          "the world is told of no address of ours: without --relay URL there are direct ones only,"
              + " and those it is told with --publish direct";
      out.event("warning", "warning " + message, "kind", "unpublished", "message", message);
    }
  }

  /** Whether nobody reaches us but by one relay. */
  boolean relayIsOnlyWay() {
    return noDirect && relays.isOne();
  }

  /** Whether we reach this peer by our one relay or not at all. */
  boolean relayIsOnlyWayTo(NodeAddr peer) {
    return (noDirect || peer.direct().isEmpty()) && relays.isOneAlsoOf(peer) && !discovery.any();
  }
}
