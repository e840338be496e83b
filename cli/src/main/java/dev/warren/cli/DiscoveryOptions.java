package dev.warren.cli;

import dev.warren.core.EndpointBuilder;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.dht.DhtDiscovery;
import dev.warren.discovery.dns.DnsDiscovery;
import dev.warren.discovery.dns.DnsResolver;
import dev.warren.discovery.dns.NameServer;
import dev.warren.discovery.local.LocalDiscovery;
import dev.warren.discovery.pkarr.PkarrPublisher;
import dev.warren.discovery.pkarr.PkarrResolver;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How an endpoint makes known where it is, and finds others by their ids. None by default. */
final class DiscoveryOptions {
  static final String SERVICES = "--dns-origin, --pkarr, --mdns or --dht";

  @Option(
      names = "--dns-origin",
      paramLabel = "ORIGIN",
      description = "find nodes by DNS under this domain; repeatable")
  List<String> dnsOrigins = new ArrayList<>();

  @Option(
      names = "--dns-server",
      paramLabel = "ADDR",
      description =
          "ask this one: IP:PORT, tls://HOST or https://HOST/dns-query; repeatable (default: the"
              + " system's)")
  List<NameServer> dnsServers = new ArrayList<>();

  @Option(
      names = "--pkarr",
      paramLabel = "URL",
      description = "publish at, and find nodes by, this pkarr relay; repeatable")
  List<URI> pkarr = new ArrayList<>();

  @Option(
      names = "--dns-ca",
      paramLabel = "FILE",
      description = "PEM of who signs DNS and pkarr servers (default: the JDK's authorities)")
  @Nullable Path dnsCa;

  @Option(
      names = "--mdns",
      description = "publish to, and find nodes on, the local network by multicast")
  boolean mdns;

  @Option(
      names = "--dht",
      description = "publish to, and find nodes by, the DHT that --dht-bootstrap names")
  boolean dht;

  @Option(
      names = "--dht-bootstrap",
      paramLabel = "HOST:PORT",
      description = "a node of that DHT; public for the public Mainline DHT; repeatable")
  List<DhtHost> dhtBootstrap = new ArrayList<>();

  @Option(
      names = "--publish",
      paramLabel = "relay|direct|all",
      description = "which addresses to publish (default: relay, and direct on the local network)")
  @Nullable Published publish;

  @Option(
      names = "--user-data",
      paramLabel = "TEXT",
      description = "what to publish beside them, 245 bytes at most")
  @Nullable String userData;

  /** One service. */
  record Service(Discovery.Factory factory, boolean ofTheWorld) {}

  /**
   * @throws UsageException if an option is wrong
   */
  void apply(EndpointBuilder builder, Findings findings) {
    for (Service service : services()) {
      builder.discovery(ToldDiscovery.of(service.factory(), findings));
    }
    if (userData != null) {
      try {
        builder.userData(userData);
      } catch (IllegalArgumentException e) {
        throw new UsageException("--user-data: " + e.getMessage());
      }
    }
  }

  /** The services that the options ask for. */
  List<Service> services() {
    check();
    List<Service> services = new ArrayList<>();
    addDns(services);
    addPkarr(services);
    addLocal(services);
    addDht(services);
    return services;
  }

  private void check() {
    if (!dnsServers.isEmpty() && dnsOrigins.isEmpty()) {
      throw new UsageException("--dns-server needs --dns-origin: under which domain to look");
    }
    if (dht && dhtBootstrap.isEmpty()) {
      throw new UsageException(
          "--dht needs --dht-bootstrap HOST:PORT, a node of the DHT to join; public is for the"
              + " public Mainline DHT");
    }
    if (!dht && !dhtBootstrap.isEmpty()) {
      throw new UsageException("--dht-bootstrap goes with --dht");
    }
    if (dnsCa != null && dnsOrigins.isEmpty() && pkarr.isEmpty()) {
      throw new UsageException("--dns-ca goes with --dns-origin or --pkarr");
    }
    boolean publishes = !pkarr.isEmpty() || mdns || dht;
    if (!publishes && (publish != null || userData != null)) {
      throw new UsageException(
          (publish != null ? "--publish" : "--user-data")
              + " needs a way to publish: --pkarr, --mdns or --dht");
    }
  }

  /** Whether any of them may find a peer. */
  boolean any() {
    return mdns || dht || !dnsOrigins.isEmpty() || !pkarr.isEmpty();
  }

  /** Whether the world is told of relays and nothing else. */
  boolean publishesRelaysOnly() {
    return (dht || !pkarr.isEmpty()) && (publish == null || publish == Published.RELAY);
  }

  private void addDns(List<Service> services) {
    if (dnsOrigins.isEmpty()) {
      return;
    }
    DnsResolver.Builder resolver = DnsResolver.builder();
    dnsServers.forEach(resolver::server);
    trust(resolver::caFile);
    DnsDiscovery.Builder dns = null;
    for (String origin : dnsOrigins) {
      try {
        dns = dns == null ? DnsDiscovery.builder(origin) : dns.origin(origin);
      } catch (IllegalArgumentException e) {
        throw new UsageException("--dns-origin: " + e.getMessage());
      }
    }
    services.add(new Service(dns.resolver(resolver), true));
  }

  private void addPkarr(List<Service> services) {
    for (URI url : pkarr) {
      try {
        PkarrPublisher.Builder publisher = PkarrPublisher.builder(url);
        PkarrResolver.Builder resolver = PkarrResolver.builder(url);
        trust(publisher::caFile);
        trust(resolver::caFile);
        if (publish != null) {
          publisher.filter(publish.filter);
        }
        services.add(new Service(publisher, true));
        services.add(new Service(resolver, true));
      } catch (IllegalArgumentException e) {
        throw new UsageException("--pkarr: " + e.getMessage());
      }
    }
  }

  private void addLocal(List<Service> services) {
    if (mdns) {
      LocalDiscovery.Builder local = LocalDiscovery.builder();
      if (publish != null) {
        local.filter(publish.filter);
      }
      services.add(new Service(local.factory(), false));
    }
  }

  private void addDht(List<Service> services) {
    if (dht) {
      DhtDiscovery.Builder builder = DhtDiscovery.builder();
      dhtBootstrap.stream().flatMap(host -> host.all().stream()).forEach(builder::bootstrap);
      if (publish != null) {
        builder.filter(publish.filter);
      }
      services.add(new Service(builder.build(), true));
    }
  }

  /** What takes a CA file. */
  private interface Trusting {
    void caFile(Path pem) throws IOException;
  }

  private void trust(Trusting service) {
    if (dnsCa != null) {
      try {
        service.caFile(dnsCa);
      } catch (IOException e) {
        throw new UsageException("--dns-ca: " + e.getMessage());
      }
    }
  }
}
