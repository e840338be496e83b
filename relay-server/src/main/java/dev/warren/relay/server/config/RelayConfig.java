package dev.warren.relay.server.config;

import static dev.warren.relay.server.config.ConfigKey.DRAIN_SECONDS;
import static dev.warren.relay.server.config.ConfigKey.ENABLE_LEGACY_CLIENTS;
import static dev.warren.relay.server.config.ConfigKey.ENABLE_METRICS;
import static dev.warren.relay.server.config.ConfigKey.ENABLE_QUIC_ADDR_DISCOVERY;
import static dev.warren.relay.server.config.ConfigKey.ENABLE_RELAY;
import static dev.warren.relay.server.config.ConfigKey.ENABLE_STATUS_PAGE;
import static dev.warren.relay.server.config.ConfigKey.ENABLE_STUN;
import static dev.warren.relay.server.config.ConfigKey.HTTP_BIND_ADDR;
import static dev.warren.relay.server.config.ConfigKey.METRICS_BIND_ADDR;
import static dev.warren.relay.server.config.ConfigKey.PROXY_PROTOCOL;
import static dev.warren.relay.server.config.ConfigKey.STATUS_BIND_ADDR;
import static dev.warren.relay.server.config.ConfigKey.STUN_BIND_ADDR;
import static dev.warren.relay.server.config.ConfigKey.TLS_DANGEROUS_HTTP_ONLY;
import static dev.warren.relay.server.config.ConfigKey.TRUSTED_PROXIES;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.relay.server.proxy.AddressRange;
import dev.warren.relay.server.tls.RelayTls;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

  /** A configuration is a page of text. */
  private static final long LONGEST = 4 << 20;

  /** Some editors begin a file with it; TOML 1.0 does not say so, TOML 1.1 ignores it. */
  private static final String BYTE_ORDER_MARK = "\ufeff";

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
            RelayTls.selfSigned(TlsReader.namesOf(https)),
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
    return parse(file.toString(), text(file), environment, false);
  }

  /** As {@link #read}, for development: plain http, on port 3340 unless the file says another. */
  public static RelayConfig readForDevelopment(Path file, Map<String, String> environment)
      throws ConfigException {
    return parse(file.toString(), text(file), environment, true);
  }

  private static String text(Path file) throws ConfigException {
    try {
      if (Files.isDirectory(file)) {
        throw new ConfigException(file.toString(), "is a folder, not a configuration file");
      }
      if (Files.size(file) > LONGEST) {
        throw new ConfigException(file.toString(), "is larger than " + LONGEST + " bytes");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(file.toString(), "there is no such file");
    } catch (MalformedInputException e) {
      throw new ConfigException(file.toString(), "is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(file.toString(), "cannot be read: " + e.getMessage());
    }
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
    if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new ConfigException(name, "is larger than " + LONGEST + " bytes");
    }
    ConfigReader reader =
        new ConfigReader(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    RelayConfig config = read(reader, new Environment(environment), development);
    reader.throwIfWrong(name);
    config.rejectCollisions(reader);
    reader.throwIfWrong(name);
    return config;
  }

  private static RelayConfig read(
      ConfigReader reader, Environment environment, boolean development) {
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
    Optional<TlsSettings> tls = new TlsReader(reader, environment).read(http);
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
    Map<InetSocketAddress, ConfigKey> taken = new LinkedHashMap<>();
    taken.put(http, HTTP_BIND_ADDR);
    tls.ifPresent(t -> take(reader, taken, t.https(), ConfigKey.TLS_HTTPS_BIND_ADDR));
    metrics.ifPresent(m -> take(reader, taken, m.address(), METRICS_BIND_ADDR));
    status.ifPresent(s -> take(reader, taken, s.address(), STATUS_BIND_ADDR));
  }

  private static void take(
      ConfigReader reader,
      Map<InetSocketAddress, ConfigKey> taken,
      InetSocketAddress address,
      ConfigKey key) {
    for (Map.Entry<InetSocketAddress, ConfigKey> other : taken.entrySet()) {
      if (collide(address, other.getKey())) {
        ConfigKey first = other.getValue();
        reader.problem(
            reader.has(key) ? reader.line(key) : reader.line(first),
            key.path
                + " and "
                + first.path
                + (address.equals(other.getKey())
                    ? " are both " + SocketAddrs.toString(address)
                    : " overlap, "
                        + SocketAddrs.toString(address)
                        + " and "
                        + SocketAddrs.toString(other.getKey()))
                + ": give one another port");
        return;
      }
    }
    taken.put(address, key);
  }

  private static boolean collide(InetSocketAddress a, InetSocketAddress b) {
    return a.getPort() == b.getPort()
        && a.getPort() != 0
        && (a.equals(b)
            || holds(a.getAddress(), b.getAddress())
            || holds(b.getAddress(), a.getAddress()));
  }

  /** 0.0.0.0 is all IPv4 addresses, :: those and all of IPv6. */
  private static boolean holds(InetAddress all, InetAddress one) {
    return all.isAnyLocalAddress() && (all instanceof Inet6Address || one instanceof Inet4Address);
  }
}
