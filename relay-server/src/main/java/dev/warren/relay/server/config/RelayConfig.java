package dev.warren.relay.server.config;

import static dev.warren.relay.server.config.RelayKey.DRAIN_SECONDS;
import static dev.warren.relay.server.config.RelayKey.ENABLE_LEGACY_CLIENTS;
import static dev.warren.relay.server.config.RelayKey.ENABLE_METRICS;
import static dev.warren.relay.server.config.RelayKey.ENABLE_QUIC_ADDR_DISCOVERY;
import static dev.warren.relay.server.config.RelayKey.ENABLE_RELAY;
import static dev.warren.relay.server.config.RelayKey.ENABLE_STATUS_PAGE;
import static dev.warren.relay.server.config.RelayKey.ENABLE_STUN;
import static dev.warren.relay.server.config.RelayKey.HTTP_BIND_ADDR;
import static dev.warren.relay.server.config.RelayKey.METRICS_BIND_ADDR;
import static dev.warren.relay.server.config.RelayKey.PROXY_PROTOCOL;
import static dev.warren.relay.server.config.RelayKey.STATUS_BIND_ADDR;
import static dev.warren.relay.server.config.RelayKey.STUN_BIND_ADDR;
import static dev.warren.relay.server.config.RelayKey.TLS_DANGEROUS_HTTP_ONLY;
import static dev.warren.relay.server.config.RelayKey.TRUSTED_PROXIES;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.serving.config.ConfigException;
import dev.warren.serving.config.ConfigKey;
import dev.warren.serving.config.ConfigReader;
import dev.warren.serving.config.ConfigText;
import dev.warren.serving.config.Environment;
import dev.warren.serving.config.Ports;
import dev.warren.serving.config.Service;
import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.tls.ServerTls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a relay shall serve, as its configuration file says it. Every value has been checked: only
 * the network can still be against it. Shows no secret. Immutable.
 *
 * @param http where plain http is served: everything, or with TLS the captive-portal check only
 * @param metrics where Prometheus asks; absent if switched off, as are the next two
 * @param status the page for people
 * @param stun address discovery by STUN, over UDP
 * @param trustedProxies networks whose word about a client's address is taken, as CIDR
 * @param proxyProtocol whether connections from trusted proxies begin with a PROXY header
 * @param legacyClients whether clients up to 0.90 are served
 * @param drain how long clients have to leave when the relay ends
 * @param remarks what the file says and has no effect, with lines: no error, but worth a look
 */
public record RelayConfig(
    InetSocketAddress http,
    Optional<TlsSettings> tls,
    Optional<Service> metrics,
    Optional<Service> status,
    Optional<Service> stun,
    AccessSettings access,
    RelayLimits limits,
    List<AddressRange> trustedProxies,
    boolean proxyProtocol,
    boolean legacyClients,
    Duration drain,
    List<String> remarks) {

  private static final InetSocketAddress HTTP = SocketAddrs.parse("[::]:80");
  private static final InetSocketAddress HTTP_DEV = SocketAddrs.parse("[::]:3340");
  private static final InetSocketAddress STATUS = SocketAddrs.parse("127.0.0.1:9091");
  private static final int METRICS_PORT = 9090;
  private static final int STUN_PORT = 3478;
  private static final Duration DRAIN = Duration.ofSeconds(10);

  /** A relay for development: plain http, everyone may connect, nothing beside it. */
  public static RelayConfig development(InetSocketAddress http) {
    return new RelayConfig(
        http,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new AccessSettings.Everyone(),
        RelayLimits.defaults(),
        List.of(),
        false,
        true,
        DRAIN,
        List.of());
  }

  /**
   * A relay for development with https, by a certificate that is made at the start, for {@code
   * localhost} and the address. Beside it, at a free port, the captive-portal check is answered.
   *
   * @param certificate where the certificate is written, for clients to trust
   */
  public static RelayConfig developmentTls(InetSocketAddress https, Path certificate) {
    TlsSettings tls =
        new TlsSettings(
            TlsSettings.Mode.SELF_SIGNED,
            https,
            ServerTls.selfSigned(TlsReader.namesOf(https)),
            Optional.of(certificate));
    RelayConfig plain = development(new InetSocketAddress(https.getAddress(), 0));
    return plain.with(Optional.of(tls), plain.metrics, plain.status);
  }

  /** The same with metrics at an address that must be had. */
  public RelayConfig withMetrics(InetSocketAddress address) {
    return with(tls, Optional.of(new Service(address, true)), status);
  }

  /** The same with a status page at an address that must be had. */
  public RelayConfig withStatus(InetSocketAddress address) {
    return with(tls, metrics, Optional.of(new Service(address, true)));
  }

  private RelayConfig with(
      Optional<TlsSettings> newTls, Optional<Service> newMetrics, Optional<Service> newStatus) {
    return new RelayConfig(
        http,
        newTls,
        newMetrics,
        newStatus,
        stun,
        access,
        limits,
        trustedProxies,
        proxyProtocol,
        legacyClients,
        drain,
        remarks);
  }

  /**
   * Reads and checks a file and what it names.
   *
   * @param environment variables that go before the file: {@code System.getenv()}
   * @throws ConfigException with everything that is wrong
   */
  public static RelayConfig read(Path file, Map<String, String> environment)
      throws ConfigException {
    return parse(file.toString(), ConfigText.read(file), environment, false);
  }

  /**
   * As {@link #read}, for {@link RunningRelay#reload}: certificate files that cannot be used are no
   * fault of the file, since the relay keeps the certificate that it has and says so.
   *
   * @param development as the relay was started
   */
  public static RelayConfig readAgain(
      Path file, Map<String, String> environment, boolean development) throws ConfigException {
    return parse(file.toString(), ConfigText.read(file), environment, development, true);
  }

  /** As {@link #read}, for development: plain http, on port 3340 unless the file says another. */
  public static RelayConfig readForDevelopment(Path file, Map<String, String> environment)
      throws ConfigException {
    return parse(file.toString(), ConfigText.read(file), environment, true);
  }

  /**
   * Checks a text.
   *
   * @param name of the text in messages
   * @throws ConfigException with everything that is wrong
   */
  public static RelayConfig parse(
      String name, String text, Map<String, String> environment, boolean development)
      throws ConfigException {
    return parse(name, text, environment, development, false);
  }

  private static RelayConfig parse(
      String name,
      String text,
      Map<String, String> environment,
      boolean development,
      boolean serving)
      throws ConfigException {
    ConfigReader reader =
        new ConfigReader(ConfigText.checked(name, text), List.of(RelayKey.values()));
    RelayConfig config = read(reader, new Environment(environment), development, serving);
    reader.throwIfWrong(name);
    config.rejectCollisions(reader);
    reader.throwIfWrong(name);
    return config;
  }

  private static RelayConfig read(
      ConfigReader reader, Environment environment, boolean development, boolean serving) {
    if (!reader.bool(ENABLE_RELAY).orElse(true)) {
      reader.problem(
          ENABLE_RELAY,
          "= false cannot be served: STUN, metrics and the captive-portal check are served only"
              + " beside a relay. Remove it; access.allowlist = [] keeps everybody out");
    }
    if (reader.bool(ENABLE_QUIC_ADDR_DISCOVERY).orElse(false)) {
      reader.problem(
          ENABLE_QUIC_ADDR_DISCOVERY,
          "cannot be served: the QUIC library has no frame to report addresses with. Set it to"
              + " false; clients measure over https instead, and older ones use STUN");
    }
    InetSocketAddress http = reader.address(HTTP_BIND_ADDR).orElse(development ? HTTP_DEV : HTTP);
    Optional<TlsSettings> tls = new TlsReader(reader, environment, serving).read(http);
    boolean plain = development || reader.bool(TLS_DANGEROUS_HTTP_ONLY).orElse(false);
    InetAddress ip = http.getAddress();
    return new RelayConfig(
        http,
        plain ? Optional.empty() : tls,
        service(reader, ENABLE_METRICS, METRICS_BIND_ADDR, new InetSocketAddress(ip, METRICS_PORT)),
        service(reader, ENABLE_STATUS_PAGE, STATUS_BIND_ADDR, STATUS),
        service(reader, ENABLE_STUN, STUN_BIND_ADDR, new InetSocketAddress(ip, STUN_PORT)),
        new AccessReader(reader, environment).read(),
        new LimitsReader(reader).read(),
        proxies(reader),
        reader.bool(PROXY_PROTOCOL).orElse(false),
        reader.bool(ENABLE_LEGACY_CLIENTS).orElse(true),
        reader.integer(DRAIN_SECONDS).stream()
            .mapToObj(Duration::ofSeconds)
            .findFirst()
            .orElse(DRAIN),
        reader.remarks());
  }

  private static Optional<Service> service(
      ConfigReader reader, ConfigKey enabled, ConfigKey address, InetSocketAddress byDefault) {
    Optional<InetSocketAddress> asked = reader.address(address);
    return reader.bool(enabled).orElse(true)
        ? Optional.of(new Service(asked.orElse(byDefault), asked.isPresent()))
        : Optional.empty();
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

  /** Two services that ask for one port cannot both start. */
  private void rejectCollisions(ConfigReader reader) {
    Ports taken = new Ports(reader);
    taken.take(http, HTTP_BIND_ADDR);
    tls.ifPresent(t -> taken.take(t.https(), RelayKey.TLS_HTTPS_BIND_ADDR));
    metrics.ifPresent(m -> taken.take(m.address(), METRICS_BIND_ADDR));
    status.ifPresent(s -> taken.take(s.address(), STATUS_BIND_ADDR));
  }
}
