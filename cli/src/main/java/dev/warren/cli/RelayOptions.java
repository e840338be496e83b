package dev.warren.cli;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.core.EndpointBuilder;
import dev.warren.relay.client.RelayTrust;
import dev.warren.relay.client.proxy.RelayProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The relays of an endpoint. */
final class RelayOptions {
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

  @Option(names = "--no-relay", description = "UDP only, neither our relays nor peers'")
  boolean noRelay;

  /**
   * @throws UsageException if an option is wrong
   */
  void apply(EndpointBuilder builder) {
    if (saysNone() && relays.size() > 1) {
      throw new UsageException("--relay none stands alone, other relays beside it make no sense");
    }
    List<RelayUrl> urls = urls();
    builder.relayEnabled(enabled());
    if (!noRelay) {
      urls.forEach(builder::relay);
    }
    addToken(builder);
    try {
      if (relayProxy != null) {
        builder.relayProxy(RelayProxy.parse(relayProxy));
      }
      if (relayCa != null) {
        builder.relayTrust(RelayTrust.caFile(relayCa));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
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
    if (noRelay || urls().isEmpty()) {
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

  /** Whether relays are used at all, ours or peers'. */
  boolean enabled() {
    return !noRelay && !saysNone();
  }

  private boolean saysNone() {
    return relays.contains("none");
  }

  private List<RelayUrl> urls() {
    return saysNone() ? List.of() : relays.stream().map(RelayOptions::url).distinct().toList();
  }

  private static RelayUrl url(String text) {
    try {
      return Values.relayUrl(text);
    } catch (TypeConversionException e) {
      throw new UsageException("--relay: " + e.getMessage());
    }
  }

  /** Whether we use a relay of ours. */
  boolean hasOwn() {
    return !noRelay && !urls().isEmpty();
  }

  /** Whether there is one relay of ours. */
  boolean isOne() {
    return urls().size() == 1;
  }

  /** Whether this peer is reached over our one relay, if it is reached over a relay. */
  boolean isOneAlsoOf(NodeAddr peer) {
    return isOne() && peer.relay().map(urls()::contains).orElse(true);
  }
}
