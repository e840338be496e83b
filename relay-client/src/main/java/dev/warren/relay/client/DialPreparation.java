package dev.warren.relay.client;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.io.RelayDial;
import dev.warren.relay.client.logic.AddressOrder;
import dev.warren.relay.client.proxy.RelayProxy;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.wire.BearerToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What must be known before an attempt and may block: the token of the moment and the addresses.
 * Any thread; the work is done on the callback executor.
 */
final class DialPreparation {
  /** What came out; {@code failure} is null if {@code dial} is not. */
  record Prepared(
      @Nullable RelayDial dial,
      @Nullable RelayFailure failure,
      String why,
      @Nullable String token) {}

  private final RelayClientBuilder config;

  DialPreparation(RelayClientBuilder config) {
    this.config = config;
  }

  Executor executor() {
    return config.callbacks;
  }

  /** The name that is looked up: the relay's, or the proxy's, which looks up the relay's. */
  String host() {
    RelayProxy proxy = config.proxy;
    return proxy == null ? config.url.host() : proxy.host();
  }

  /** The token as the supplier gives it, unchecked. */
  @Nullable String token() {
    return config.token.get();
  }

  /** Blocks for the supplier and the look-up; literal addresses cost nothing. */
  Prepared prepare(int skip) {
    String token;
    try {
      token = token();
    } catch (RuntimeException e) {
      return failed(RelayFailure.TOKEN, "the token supplier failed: " + e.getMessage(), null);
    }
    try {
      if (token != null) {
        BearerToken.check(token);
      }
    } catch (IllegalArgumentException e) {
      // Another try with the same token is as good as one after a refusal.
      return failed(RelayFailure.NOT_AUTHORIZED, String.valueOf(e.getMessage()), token);
    }
    try {
      return new Prepared(dial(token, skip), null, "", token);
    } catch (UnknownHostException e) {
      String why = "the host " + host() + " is unknown; is its name right, does DNS work?";
      return failed(RelayFailure.LOOKUP, why, token);
    }
  }

  private RelayDial dial(@Nullable String token, int skip) throws UnknownHostException {
    RelayUrl url = config.url;
    RelayProxy proxy = config.proxy;
    int port = proxy == null ? url.port() : proxy.port();
    List<InetAddress> found = List.of(config.lookup.all(host()));
    List<InetSocketAddress> addresses =
        AddressOrder.interleaved(found, skip).stream()
            .map(address -> new InetSocketAddress(address, port))
            .toList();
    return new RelayDial(
        url, config.key, addresses, config.trust.context(), proxy, token, config.legacy);
  }

  private static Prepared failed(RelayFailure kind, String why, @Nullable String token) {
    return new Prepared(null, kind, why, token);
  }
}
