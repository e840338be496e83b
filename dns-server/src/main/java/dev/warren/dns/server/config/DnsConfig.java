package dev.warren.dns.server.config;

import static dev.warren.dns.server.config.DnsKey.DATA_DIR;
import static dev.warren.dns.server.config.DnsKey.DNS_BIND_ADDR;
import static dev.warren.dns.server.config.DnsKey.DNS_PORT;
import static dev.warren.dns.server.config.DnsKey.DRAIN_SECONDS;
import static dev.warren.dns.server.config.DnsKey.HTTPS_BACKLOG;
import static dev.warren.dns.server.config.DnsKey.HTTPS_PORT;
import static dev.warren.dns.server.config.DnsKey.HTTP_BACKLOG;
import static dev.warren.dns.server.config.DnsKey.HTTP_BIND_ADDR;
import static dev.warren.dns.server.config.DnsKey.HTTP_PORT;
import static dev.warren.dns.server.config.DnsKey.METRICS_BIND_ADDR;
import static dev.warren.dns.server.config.DnsKey.METRICS_DISABLED;
import static dev.warren.dns.server.config.DnsKey.PROXY_PROTOCOL;
import static dev.warren.dns.server.config.DnsKey.PUT_RATE_LIMIT;
import static dev.warren.dns.server.config.DnsKey.TRUSTED_PROXIES;

import dev.warren.base.SocketAddrs;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.zone.Origins;
import dev.warren.serving.config.ConfigException;
import dev.warren.serving.config.ConfigReader;
import dev.warren.serving.config.ConfigText;
import dev.warren.serving.config.Environment;
import dev.warren.serving.config.Ports;
import dev.warren.serving.config.Service;
import dev.warren.serving.proxy.AddressRange;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a DNS server shall serve, as its configuration file says it. Every value has been checked:
 * only the network, the disk and the database can still be against it. Immutable.
 *
 * @param dns where DNS is answered, over UDP and TCP
 * @param http where HTTP is served without TLS
 * @param metrics where Prometheus asks; absent if switched off
 * @param mainline nodes of a DHT where keys are looked for that nobody has published here; absent
 *     if switched off
 * @param trustedProxies networks whose word about a client's address is taken
 * @param drain how long everything is served on when the server ends
 * @param remarks what the file says and has no effect, with lines: no error, but worth a look
 */
public record DnsConfig(
    InetSocketAddress dns,
    Optional<InetSocketAddress> http,
    Optional<HttpsSettings> https,
    Origins origins,
    StoreSettings store,
    Optional<Service> metrics,
    Optional<List<String>> mainline,
    PutLimit putLimit,
    List<AddressRange> trustedProxies,
    boolean proxyProtocol,
    DnsLimits limits,
    Duration drain,
    List<String> remarks) {
  private static final InetSocketAddress METRICS = SocketAddrs.parse("127.0.0.1:9117");
  private static final String ENV_DATA_DIR = "DNS_DATA_DIR";

  /**
   * A server for development: packets in memory unless a folder is named, published as often as
   * anybody likes; origins are {@code names}.
   */
  public static DnsConfig development(
      InetSocketAddress dns, InetSocketAddress http, Origins names, Optional<Path> folder) {
    return new DnsConfig(
        dns,
        Optional.of(http),
        Optional.empty(),
        names,
        StoreSettings.forDevelopment(
            folder.isPresent()
                ? new StoreSettings.Folder(folder.get())
                : new StoreSettings.Memory()),
        Optional.empty(),
        Optional.empty(),
        PutLimit.DISABLED,
        List.of(),
        false,
        DnsLimits.defaults(),
        Duration.ZERO,
        List.of());
  }

  /** The same with metrics at an address that must be had. */
  public DnsConfig withMetrics(InetSocketAddress address) {
    return with(dns, http, Optional.of(new Service(address, true)));
  }

  /** The same at other ports; 0 takes free ones. */
  public DnsConfig withPorts(int dnsPort, int httpPort) {
    return with(
        new InetSocketAddress(dns.getAddress(), dnsPort),
        http.map(at -> new InetSocketAddress(at.getAddress(), httpPort)),
        metrics);
  }

  private DnsConfig with(
      InetSocketAddress newDns, Optional<InetSocketAddress> newHttp, Optional<Service> newMetrics) {
    return new DnsConfig(
        newDns,
        newHttp,
        https,
        origins,
        store,
        newMetrics,
        mainline,
        putLimit,
        trustedProxies,
        proxyProtocol,
        limits,
        drain,
        remarks);
  }

  /**
   * Reads and checks a file and what it names.
   *
   * @param environment variables that go before the file: {@code System.getenv()}
   * @throws ConfigException with everything that is wrong
   */
  public static DnsConfig read(Path file, Map<String, String> environment) throws ConfigException {
    return parse(file.toString(), ConfigText.read(file), environment);
  }

  /**
   * Checks a text.
   *
   * @param name of the text in messages
   * @throws ConfigException with everything that is wrong
   */
  public static DnsConfig parse(String name, String text, Map<String, String> environment)
      throws ConfigException {
    ConfigReader reader =
        new ConfigReader(ConfigText.checked(name, text), List.of(DnsKey.values()));
    DnsConfig config = read(reader, environment);
    reader.throwIfWrong(name);
    config.rejectCollisions(reader);
    reader.throwIfWrong(name);
    return config;
  }

  private static DnsConfig read(ConfigReader reader, Map<String, String> variables) {
    Addresses addresses = new Addresses(reader);
    Path data = dataFolder(reader, variables);
    Optional<InetSocketAddress> dns = addresses.ofTable("dns", DNS_BIND_ADDR, DNS_PORT);
    if (!reader.hasTable("dns")) {
      reader.problem(0, "there is no table [dns]: dns.port, dns.origins and dns.default_soa");
    }
    Optional<InetSocketAddress> http = addresses.ofTable("http", HTTP_BIND_ADDR, HTTP_PORT);
    if (!reader.hasTable("http") && !reader.hasTable("https")) {
      reader.problem(0, "there is neither [http] nor [https]: nobody could publish anything");
    }
    for (DnsKey key : List.of(HTTP_BACKLOG, HTTPS_BACKLOG)) {
      if (reader.has(key)) {
        reader.remark(key, "has no effect: it is 4096, of which net.core.somaxconn may leave less");
      }
    }
    List<AddressRange> proxies = proxies(reader);
    return new DnsConfig(
        dns.orElse(METRICS),
        http,
        new HttpsReader(reader, addresses, data.resolve("cert_cache")).read(),
        reader.hasTable("dns")
            ? new OriginsReader(reader, addresses).read()
            : Origins.of(Origins.DEVELOPMENT),
        new StoreReader(reader, new Environment(variables)).read(data),
        metrics(reader),
        new MainlineReader(reader).read(),
        putLimit(reader, proxies),
        proxies,
        reader.bool(PROXY_PROTOCOL).orElse(false),
        limits(reader),
        Duration.ofSeconds(reader.integer(DRAIN_SECONDS).orElse(0)),
        reader.remarks());
  }

  /** A variable goes before the file, as with the relay. */
  private static Path dataFolder(ConfigReader reader, Map<String, String> variables) {
    Optional<String> named =
        new Environment(variables).get(ENV_DATA_DIR, reader).or(() -> reader.text(DATA_DIR));
    String home = variables.getOrDefault("HOME", ".");
    String shared = variables.getOrDefault("XDG_DATA_HOME", home + "/.local/share");
    return Path.of(named.orElse(shared + "/warren-dns"));
  }

  private static Optional<Service> metrics(ConfigReader reader) {
    Optional<InetSocketAddress> asked = reader.address(METRICS_BIND_ADDR);
    return reader.bool(METRICS_DISABLED).orElse(false)
        ? Optional.empty()
        : Optional.of(new Service(asked.orElse(METRICS), asked.isPresent()));
  }

  private static PutLimit putLimit(ConfigReader reader, List<AddressRange> proxies) {
    String word = reader.text(PUT_RATE_LIMIT).orElse("simple");
    for (PutLimit limit : PutLimit.values()) {
      if (limit.name().toLowerCase(Locale.ROOT).equals(word)) {
        if (limit == PutLimit.SMART && proxies.isEmpty()) {
          reader.remark(
              PUT_RATE_LIMIT,
              "\"smart\" is as \"simple\" without trusted_proxies: else anybody could claim any"
                  + " address");
        }
        return limit;
      }
    }
    reader.problem(PUT_RATE_LIMIT, "is \"disabled\", \"simple\" or \"smart\", not \"" + word + '"');
    return PutLimit.SIMPLE;
  }

  private static List<AddressRange> proxies(ConfigReader reader) {
    List<AddressRange> proxies = new ArrayList<>();
    for (ConfigReader.Located proxy : reader.texts(TRUSTED_PROXIES).orElse(List.of())) {
      try {
        proxies.add(AddressRange.parse(proxy.text()));
      } catch (IllegalArgumentException e) {
        reader.problem(proxy.line(), "trusted_proxies: " + e.getMessage());
      }
    }
    if (reader.bool(PROXY_PROTOCOL).orElse(false) && !reader.has(TRUSTED_PROXIES)) {
      reader.problem(
          PROXY_PROTOCOL, "needs trusted_proxies: else any client could claim any address");
    }
    return proxies;
  }

  private static DnsLimits limits(ConfigReader reader) {
    DnsLimits byDefault = DnsLimits.defaults();
    return byDefault
        .cacheBytes(reader.integer(DnsKey.LIMITS_CACHE).orElse(64) << 20)
        .answersPerSecond((int) reader.integer(DnsKey.LIMITS_ANSWERS).orElse(0))
        .lookups((int) reader.integer(DnsKey.LIMITS_LOOKUPS).orElse(byDefault.lookups()))
        .connections(
            (int) reader.integer(DnsKey.LIMITS_CONNECTIONS).orElse(byDefault.connections()),
            (int)
                reader
                    .integer(DnsKey.LIMITS_CONNECTIONS_PER_ADDRESS)
                    .orElse(byDefault.connectionsPerAddress()));
  }

  /** Two services that ask for one port cannot both start. */
  private void rejectCollisions(ConfigReader reader) {
    Ports taken = new Ports(reader);
    taken.take(dns, DNS_PORT);
    http.ifPresent(at -> taken.take(at, HTTP_PORT));
    https.ifPresent(at -> taken.take(at.address(), HTTPS_PORT));
    metrics.ifPresent(at -> taken.take(at.address(), METRICS_BIND_ADDR));
  }
}
