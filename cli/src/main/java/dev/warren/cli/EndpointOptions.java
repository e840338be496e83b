package dev.warren.cli;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.TransportConfig;
import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.client.proxy.RelayProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that every command with an endpoint takes. */
final class EndpointOptions {
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

  @Option(
      names = "--relay",
      paramLabel = "URL",
      description = "a relay of ours, or none for no relays at all; repeatable")
  List<String> relays = new ArrayList<>();

  @Option(
      names = "--relay-ca",
      paramLabel = "FILE",
      description = "PEM of who signs the relays (default: the JDK's authorities)")
  @Nullable Path relayCa;

  @Option(
      names = "--relay-token",
      paramLabel = "TOKEN",
      description = "what our relays ask for; others on this machine can read a command line")
  @Nullable String relayToken;

  @Option(
      names = "--relay-token-file",
      paramLabel = "FILE",
      description = "file with that token, read again before every attempt")
  @Nullable Path relayTokenFile;

  @Option(
      names = "--relay-proxy",
      paramLabel = "URL",
      description = "HTTP proxy on the way to relays: http://[user:password@]host:port")
  @Nullable String relayProxy;

  @Option(names = "--no-direct", description = "relays only, no UDP")
  boolean noDirect;

  @Option(names = "--no-relay", description = "UDP only, neither our relays nor peers'")
  boolean noRelay;

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

  @Option(names = "--keylog", description = "append TLS secrets to the file SSLKEYLOGFILE names")
  boolean keylog;

  @Option(names = "--qlog", paramLabel = "DIR", description = "write a qlog file per dial")
  @Nullable Path qlog;

  /**
   * A builder with these options; a {@link UsageException} says which one is wrong. Files are
   * written last, when everything else is known to be right.
   */
  EndpointBuilder builder() {
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
    addRelays(builder);
    addToken(builder);
    try {
      if (relayProxy != null) {
        builder.relayProxy(RelayProxy.parse(relayProxy));
      }
      if (relayCa != null) {
        builder.relayTrust(RelayTrust.caFile(relayCa));
      }
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

  private void addRelays(EndpointBuilder builder) {
    boolean none = relays.contains("none");
    if (none && relays.size() > 1) {
      throw new UsageException("--relay none stands alone, other relays beside it make no sense");
    }
    if (noDirect && (noRelay || none)) {
      throw new UsageException("--no-direct and no relays leave no way to any peer");
    }
    List<RelayUrl> urls = ownRelays();
    builder.relayEnabled(!noRelay && !none);
    if (!noRelay) {
      urls.forEach(builder::relay);
    }
  }

  private void addToken(EndpointBuilder builder) {
    if (relayToken == null && relayTokenFile == null) {
      return;
    }
    String option = relayToken != null ? "--relay-token" : "--relay-token-file";
    if (relayToken != null && relayTokenFile != null) {
      throw new UsageException("--relay-token and --relay-token-file are one too many");
    }
    if (noRelay || ownRelays().isEmpty()) {
      // A ticket names relays too, but whoever wrote it could so collect tokens.
      throw new UsageException(option + " is for relays of ours; name one by --relay URL");
    }
    try {
      if (relayToken != null) {
        builder.relayToken(relayToken);
      } else {
        TokenFile file = new TokenFile(Objects.requireNonNull(relayTokenFile));
        file.get();
        builder.relayToken(file);
      }
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new UsageException(option + ": " + e.getMessage());
    }
  }

  private List<RelayUrl> ownRelays() {
    return relays.contains("none")
        ? List.of()
        : relays.stream().map(EndpointOptions::url).distinct().toList();
  }

  /** Whether nobody reaches us but by one relay. */
  boolean relayIsOnlyWay() {
    return noDirect && ownRelays().size() == 1;
  }

  /** Whether we reach this peer by our one relay or not at all. */
  boolean relayIsOnlyWayTo(NodeAddr peer) {
    List<RelayUrl> ours = ownRelays();
    return ours.size() == 1
        && (noDirect || peer.direct().isEmpty())
        && peer.relay().map(ours::contains).orElse(true);
  }

  private static RelayUrl url(String text) {
    try {
      return Values.relayUrl(text);
    } catch (TypeConversionException e) {
      throw new UsageException("--relay: " + e.getMessage());
    }
  }
}
