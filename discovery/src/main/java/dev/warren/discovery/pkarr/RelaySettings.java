package dev.warren.discovery.pkarr;

import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.io.ProxyAddress;
import dev.warren.discovery.io.Tls;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** How a pkarr relay is reached: what publisher and resolver have in common. Not thread-safe. */
public abstract sealed class RelaySettings<B extends RelaySettings<B>>
    permits PkarrPublisher.Builder, PkarrResolver.Builder {
  /** Our choice: iroh has none, and a relay that hangs would hold a lookup for good. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final URI base;
  private Duration timeout = TIMEOUT;
  private @Nullable SSLContext tls;
  private @Nullable ProxyAddress proxy;

  RelaySettings(URI base) {
    this.base = PkarrRelay.checked(base);
  }

  abstract B self();

  /** Limit of one request, from the lookup of the host's name to the last byte; 10 s by default. */
  public B timeout(Duration limit) {
    this.timeout = limit;
    return self();
  }

  /** Whom to trust; the JDK's authorities by default. */
  public B tls(SSLContext context) {
    this.tls = context;
    return self();
  }

  /**
   * Trusts the certificates in a PEM file, and no others.
   *
   * @throws IOException if it cannot be read, or holds none
   */
  public B caFile(Path pem) throws IOException {
    return tls(Tls.caFile(pem));
  }

  /**
   * Goes through a proxy: {@code http://[user:password@]host[:port]}.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public B proxy(String url) {
    this.proxy = ProxyAddress.parse(url);
    return self();
  }

  PkarrRelay relay(DiscoveryContext context) {
    return new PkarrRelay(base, timeout, context.executor(), Tls.of(tls), proxy);
  }
}
