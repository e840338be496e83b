package dev.warren.cli;

import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.relay.client.RelayTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every command with an endpoint takes. */
final class EndpointOptions {
  @Option(names = "--secret-key", paramLabel = "FILE", description = "identity; made if absent")
  @Nullable Path secretKey;

  @Option(names = "--bind", paramLabel = "IP:PORT", description = "where to bind; repeatable")
  List<String> bind = new ArrayList<>();

  @Option(
      names = "--relay",
      paramLabel = "URL",
      description = "a relay of ours, or none; repeatable")
  List<String> relays = new ArrayList<>();

  @Option(names = "--relay-ca", paramLabel = "FILE", description = "PEM that signs the relays")
  @Nullable Path relayCa;

  @Option(names = "--no-direct", description = "relays only")
  boolean noDirect;

  @Option(names = "--no-relay", description = "UDP only")
  boolean noRelay;

  @Option(names = "--keylog", description = "TLS secrets to SSLKEYLOGFILE")
  boolean keylog;

  @Option(names = "--qlog", paramLabel = "DIR", description = "qlog files")
  @Nullable Path qlog;

  /** A builder with these options; a {@link UsageException} says which one is wrong. */
  EndpointBuilder builder() {
    EndpointBuilder builder = Endpoint.builder().directEnabled(!noDirect).keyLog(keylog);
    try {
      if (secretKey != null) {
        builder.secretKey(SecretKey.loadOrCreate(secretKey));
      }
      for (String address : bind) {
        builder.bindAddr(SocketAddrs.parse(address));
      }
      boolean none = noRelay || relays.contains("none");
      builder.relayEnabled(!none);
      for (String url : none ? List.<String>of() : relays) {
        builder.relay(RelayUrl.parse(url));
      }
      if (relayCa != null) {
        builder.relayTrust(RelayTrust.caFile(relayCa));
      }
      if (qlog != null) {
        builder.qlog(qlog);
      }
    } catch (IOException | RelayUrlParseException | IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    return builder;
  }
}
