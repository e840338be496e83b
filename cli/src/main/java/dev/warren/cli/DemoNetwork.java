package dev.warren.cli;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeTicket;
import dev.warren.base.PeerException;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Endpoint;
import dev.warren.discovery.dns.DnsDiscovery;
import dev.warren.discovery.dns.DnsResolver;
import dev.warren.discovery.dns.NameServer;
import dev.warren.discovery.pkarr.PkarrPublisher;
import dev.warren.dns.server.DnsServer;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.zone.Origins;
import dev.warren.relay.server.RelayServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All that the demo needs, on loopback: a relay, a DNS server, and two endpoints that publish where
 * they are and are told nothing of each other.
 */
final class DemoNetwork implements AutoCloseable {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final String ORIGIN = "dns.warren.test.";
  private static final Duration ONLINE = Duration.ofSeconds(5);
  private static final Duration FOUND = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Findings findings;
  private final RelayServer relay;
  private final DnsServer dns;
  private final Endpoint server;
  private final Endpoint client;

  /** Binds everything; what is found is told. */
  DemoNetwork(Findings findings) throws EndpointBindException {
    this.findings = findings;
    try {
      relay = opened(RelayServer.builder().bind(LOOPBACK));
      dns =
          opened(
              DnsServer.builder()
                  .dns(LOOPBACK)
                  .http(LOOPBACK)
                  .origins(Origins.of(ORIGIN))
                  .putLimit(PutLimit.DISABLED)
                  .bind());
      server = endpoint();
      client = endpoint();
    } catch (EndpointBindException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T one) {
    open.push(one);
    return one;
  }

  private Endpoint endpoint() throws EndpointBindException {
    DnsResolver.Builder resolver =
        DnsResolver.builder().server(new NameServer.Plain(dns.dnsAddress()));
    return opened(
        Endpoint.builder()
            .bindAddr(LOOPBACK)
            .relay(relay.url())
            .discovery(PkarrPublisher.builder(dns.pkarrUrl().orElseThrow()))
            .discovery(ToldDiscovery.of(DnsDiscovery.builder(ORIGIN).resolver(resolver), findings))
            .bind());
  }

  Endpoint server() {
    return server;
  }

  Endpoint client() {
    return client;
  }

  /** Tells what is there, once both endpoints are at their relay. */
  void tell(Output out) throws PeerException, InterruptedIOException {
    out.event(
        "bound",
        "relay    " + relay.url(),
        "url",
        relay.url(),
        "addrs",
        List.of(SocketAddrs.toString(relay.boundAddress())));
    String at = SocketAddrs.toString(dns.dnsAddress());
    out.event(
        "bound",
        "dns      " + at + " for " + ORIGIN,
        "url",
        dns.url().orElseThrow(),
        "addrs",
        List.of(at),
        "dns",
        at,
        "pkarr",
        dns.pkarrUrl().orElseThrow(),
        "origin",
        ORIGIN);
    server.awaitOnline(ONLINE);
    client.awaitOnline(ONLINE);
    out.event("online", null, "relay", relay.url());
    out.eventInLines(
        "bound",
        List.of("server   " + server.id(), "client   " + client.id(), ""),
        "id",
        server.id(),
        "addrs",
        server.addr().direct().stream().map(SocketAddrs::toString).toList(),
        "ticket",
        NodeTicket.of(server.addr().withoutIps()));
  }

  /**
   * Waits until the DNS knows where the server is, which takes its publishing and our question.
   *
   * @throws IOException if it does not within ten seconds; says what was asked
   */
  void awaitFound() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + FOUND.toNanos();
    for (; ; ) {
      try {
        client.discovery().lookup(server.id()).get(FOUND.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (ExecutionException e) {
        if (System.nanoTime() - deadline > 0) {
          throw new IOException(e.getCause().getMessage(), e);
        }
      } catch (TimeoutException e) {
        throw new IOException("the DNS server did not answer within " + FOUND.toSeconds() + " s");
      }
    }
  }

  /** In the other order; each bounded. */
  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
      }
    }
  }
}
