package dev.warren.dns.server;

import dev.warren.base.EndpointBindException;
import dev.warren.base.SocketAddrs;
import dev.warren.dns.server.fallback.Fallback;
import dev.warren.dns.server.io.Answers;
import dev.warren.dns.server.io.ClientSource;
import dev.warren.dns.server.io.DnsCounters;
import dev.warren.dns.server.io.DnsListeners;
import dev.warren.dns.server.io.DohService;
import dev.warren.dns.server.io.HttpRoutes;
import dev.warren.dns.server.io.ListenerOptions;
import dev.warren.dns.server.io.PkarrService;
import dev.warren.dns.server.io.Workers;
import dev.warren.dns.server.io.Zones;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.logic.Router;
import dev.warren.dns.server.store.MemoryPacketStore;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.StoreCounters;
import dev.warren.dns.server.zone.Origins;
import dev.warren.serving.certificates.Certificates;
import dev.warren.serving.pages.Version;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A DNS server for keys: nodes publish signed packets over HTTP, and everybody resolves them by
 * DNS, over UDP, TCP and HTTPS, with nothing but a key.
 *
 * <pre>{@code
 * try (DnsServer server =
 *     DnsServer.builder()
 *         .origins(Origins.of("example.org"))
 *         .dns(new InetSocketAddress("127.0.0.1", 0))
 *         .http(new InetSocketAddress("127.0.0.1", 0))
 *         .bind()) {
 *   endpointBuilder.discovery(...); // publishes to server.pkarrUrl(), asks server.dnsAddress()
 * }
 * }</pre>
 *
 * Speaks what iroh-dns-server speaks. Any thread.
 */
public final class DnsServer implements AutoCloseable {
  private static final List<String> PROTOCOLS = List.of("h2", "http/1.1");

  private final PacketStore store;
  private final Zones zones;
  private final Answers answers;
  private final PkarrService pkarr;
  private final DnsCounters counters;
  private final DnsListeners listeners;
  private final Workers workers;
  private final @Nullable Certificates certificates;
  private final AtomicBoolean draining;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile Origins origins;

  private DnsServer(Builder options) throws EndpointBindException {
    store = options.store == null ? new MemoryPacketStore() : options.store;
    origins = options.origins;
    counters = new DnsCounters();
    draining = new AtomicBoolean();
    workers = new Workers();
    zones = new Zones(store, options.fallback, options.limits, counters, workers);
    store.listen(zones);
    answers = new Answers(new Router(origins), zones, counters);
    pkarr =
        new PkarrService(
            store, workers, new ClientSource(options.trustedProxies), counters, options.putLimit);
    HttpRoutes routes =
        new HttpRoutes(
            pkarr, new DohService(answers, counters), counters, Version.TEXT, draining::get);
    certificates = opened(options.tls);
    try {
      listeners = new DnsListeners(options.listeners(certificates), answers, routes, counters);
    } catch (IOException e) {
      closeParts();
      throw new EndpointBindException(
          "the DNS server cannot listen on " + e.getMessage() + " (choose another address or port)",
          e);
    }
    if (certificates != null) {
      certificates.start();
    }
  }

  private @Nullable Certificates opened(@Nullable ServerTls tls) throws EndpointBindException {
    try {
      return tls == null ? null : Certificates.open(tls, PROTOCOLS);
    } catch (IOException e) {
      closeParts();
      throw new EndpointBindException(
          "the DNS server's certificate cannot be used: " + e.getMessage(), e);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects options. Not thread-safe; may be used again, with another store. */
  public static final class Builder {
    private InetSocketAddress dns = new InetSocketAddress("127.0.0.1", 0);
    private @Nullable InetSocketAddress http;
    private @Nullable InetSocketAddress https;
    private @Nullable ServerTls tls;
    private Origins origins = Origins.of(Origins.DEVELOPMENT, ".");
    private @Nullable PacketStore store;
    private @Nullable Fallback fallback;
    private PutLimit putLimit = PutLimit.SIMPLE;
    private DnsLimits limits = DnsLimits.defaults();
    private List<AddressRange> trustedProxies = List.of();
    private boolean proxyProtocol;

    private Builder() {}

    /**
     * Where DNS is answered, over UDP and TCP; port 0 takes one that is free for both. On a machine
     * with several addresses, name the one that resolvers ask: answers to a datagram that came to
     * another leave from the first. Default: a free port on 127.0.0.1.
     */
    public Builder dns(InetSocketAddress address) {
      dns = address;
      return this;
    }

    /** Packets and DNS over HTTP without TLS. Default: none. */
    public Builder http(InetSocketAddress address) {
      http = address;
      return this;
    }

    /** Packets and DNS over https. Default: none. */
    public Builder https(InetSocketAddress address, ServerTls certificate) {
      https = address;
      tls = certificate;
      return this;
    }

    /**
     * The domains under which keys are resolved. Default: {@code irohdns.example.} and the root.
     */
    public Builder origins(Origins names) {
      origins = names;
      return this;
    }

    /** Where packets are kept; the server closes it. Default: in memory. */
    public Builder store(PacketStore packets) {
      store = packets;
      return this;
    }

    /** Where to look for keys of which nobody gave the server a packet. Default: nowhere. */
    public Builder fallback(Fallback elsewhere) {
      fallback = elsewhere;
      return this;
    }

    /** How often one address may publish. Default: {@link PutLimit#SIMPLE}. */
    public Builder putLimit(PutLimit limit) {
      putLimit = limit;
      return this;
    }

    public Builder limits(DnsLimits granted) {
      limits = granted;
      return this;
    }

    /**
     * Proxies that may say in {@code X-Forwarded-For}, {@code Forwarded} or {@code X-Real-IP} for
     * whom they connect, for {@link PutLimit#SMART}. What others write there is ignored. Default:
     * none.
     */
    public Builder trustedProxies(Collection<AddressRange> proxies) {
      trustedProxies = List.copyOf(proxies);
      return this;
    }

    /**
     * Whether HTTP connections of trusted proxies begin with a PROXY header (versions 1 and 2);
     * those without one are then cut. Default: false.
     */
    public Builder proxyProtocol(boolean expected) {
      proxyProtocol = expected;
      return this;
    }

    private ListenerOptions listeners(@Nullable Certificates certificates) {
      return new ListenerOptions(
          dns, http, https, certificates, trustedProxies, proxyProtocol, limits);
    }

    /**
     * Binds and serves. If it fails, the store is closed.
     *
     * @throws EndpointBindException if an address cannot be had or the certificate cannot be used
     * @throws IllegalStateException if the PROXY protocol is expected, but no proxy is trusted
     */
    public DnsServer bind() throws EndpointBindException {
      if (proxyProtocol && trustedProxies.isEmpty()) {
        throw new IllegalStateException(
            "the PROXY protocol is only read from trusted proxies, and none is named");
      }
      return new DnsServer(this);
    }
  }

  /** Where DNS is answered, over UDP and TCP. */
  public InetSocketAddress dnsAddress() {
    return listeners.dns();
  }

  public Optional<InetSocketAddress> httpAddress() {
    return listeners.http();
  }

  public Optional<InetSocketAddress> httpsAddress() {
    return listeners.https();
  }

  /**
   * What HTTP is served at, with a bound IP address as its host: https if it is served, else http.
   */
  public Optional<URI> url() {
    Optional<URI> https = httpsAddress().map(a -> uri("https://", a));
    return https.isPresent() ? https : httpAddress().map(a -> uri("http://", a));
  }

  /** Where packets are published: {@code /pkarr} of {@link #url}. */
  public Optional<URI> pkarrUrl() {
    return url().map(u -> u.resolve("/pkarr"));
  }

  private static URI uri(String scheme, InetSocketAddress address) {
    String host =
        address.getAddress().isAnyLocalAddress()
            ? "127.0.0.1:" + address.getPort()
            : SocketAddrs.toString(address);
    return URI.create(scheme + host + "/");
  }

  /** The domains under which keys are resolved now. */
  public Origins origins() {
    return origins;
  }

  /** Other domains, or other records of them, from now on. */
  public void origins(Origins names) {
    answers.router(new Router(names));
    origins = names;
  }

  /** Another limit for publishing from now on. */
  public void putLimit(PutLimit limit) {
    pkarr.limit(limit);
  }

  /**
   * The certificate that new connections are shown; empty without TLS, and while an authority has
   * not issued the first.
   */
  public Optional<X509Certificate> certificate() {
    return Optional.ofNullable(certificates).map(Certificates::leaf);
  }

  /**
   * Looks for a new certificate now instead of within seconds; waits for it. Without TLS nothing
   * happens.
   *
   * @throws IOException if what is there cannot be used: the message says why, and the certificate
   *     in use stays
   */
  public void reloadTls() throws IOException {
    if (certificates != null) {
      certificates.reload();
    }
  }

  /** Counters by name (dns-server section 9). */
  public Map<String, Long> metrics() {
    Map<String, Long> all = new LinkedHashMap<>(counters.snapshot());
    StoreCounters kept = store.counters();
    all.put("store_packets_inserted", kept.inserted());
    all.put("store_packets_updated", kept.updated());
    all.put("store_packets_expired", kept.expired());
    all.put("store_packets_removed", 0L);
    all.put("store_overloaded", kept.overloaded());
    all.put("store_failed", kept.failed());
    all.put("store_damaged", kept.damaged());
    all.put("cache_zones", zones.storedZones());
    all.put("cache_zones_dht", zones.foundZones());
    all.put("cache_bytes", zones.weight());
    all.put("connections", (long) listeners.connections());
    if (certificates != null) {
      all.putAll(certificates.counters());
    }
    return all;
  }

  /**
   * Ends gracefully: {@code /healthz} answers 503 from now on, everything else is served on for
   * that long, so that who spreads requests over several servers turns to the others. Then
   * everything is closed. Waits; an interrupt or {@link #close} cuts it short.
   */
  public void drain(Duration window) {
    draining.set(true);
    try {
      if (closed.await(window.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** Closes all sockets, within about two seconds, then the store. Idempotent. */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      listeners.close();
      if (certificates != null) {
        certificates.close();
      }
      closeParts();
      closed.countDown();
    }
  }

  private void closeParts() {
    workers.close();
    store.close();
  }
}
