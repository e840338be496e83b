package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.EndpointBindException;
import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.Router;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.dns.DnsDiscovery;
import dev.warren.discovery.dns.DnsResolver;
import dev.warren.discovery.dns.NameServer;
import dev.warren.discovery.pkarr.PkarrPublisher;
import dev.warren.discovery.pkarr.PkarrResolver;
import dev.warren.dns.server.DnsServer;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.zone.Origins;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole network in one process, in which a node goes elsewhere. */
@Timeout(120)
class RelayMoveTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String ORIGIN = "dns.warren.test.";

  private static EndpointBuilder relayed() {
    return Endpoint.builder().bindAddr(LOOPBACK).directEnabled(false);
  }

  private static DnsServer dnsServer() throws EndpointBindException {
    return DnsServer.builder()
        .dns(LOOPBACK)
        .http(LOOPBACK)
        .origins(Origins.of(ORIGIN))
        .putLimit(PutLimit.DISABLED)
        .bind();
  }

  @Test
  void aNodeThatChangesItsRelayWhileItRunsIsFoundAtTheNewOneWhenTheOldOneEnds() throws Exception {
    try (RelayServer first = RelayServer.builder().bind(LOOPBACK);
        RelayServer second = RelayServer.builder().bind(LOOPBACK);
        DnsServer dns = dnsServer();
        Endpoint listener =
            relayed()
                .relay(first.url())
                .discovery(PkarrPublisher.builder(dns.pkarrUrl().orElseThrow()))
                .bind();
        Router router =
            Router.builder(listener).accept(TestProtocols.ECHO, TestProtocols::echo).spawn();
        Endpoint dialler =
            relayed()
                .discovery(PkarrResolver.builder(dns.pkarrUrl().orElseThrow()))
                .discovery(
                    DnsDiscovery.builder(ORIGIN)
                        .resolver(
                            DnsResolver.builder().server(new NameServer.Plain(dns.dnsAddress()))))
                .bind()) {
      awaitPublished(dialler, listener, first.url());
      assertThat(relayOf(dialler, listener)).isEqualTo(first.url());

      listener.insertRelay(second.url());
      listener.removeRelay(first.url());
      Await.until(
          "the second relay",
          SOON,
          () ->
              listener.homeRelay().get() instanceof RelayStatus.Connected c
                  && c.url().equals(second.url()));
      awaitPublished(dialler, listener, second.url());
      first.close();

      assertThat(relayOf(dialler, listener)).isEqualTo(second.url());
    }
  }

  private static void awaitPublished(Endpoint asker, Endpoint node, RelayUrl relay) {
    Await.until(node.id() + " at " + relay, SOON, () -> found(asker, node).contains(relay));
  }

  private static List<RelayUrl> found(Endpoint asker, Endpoint node) {
    return asker
        .discovery()
        .lookup(node.id())
        .handle((items, none) -> items == null ? List.<DiscoveryItem>of() : items)
        .join()
        .stream()
        .flatMap(item -> item.data().relays().stream())
        .toList();
  }

  /** Over which relay a new connection goes. */
  private static RelayUrl relayOf(Endpoint dialler, Endpoint listener) throws Exception {
    try (Connection connection = dialler.connect(listener.id(), TestProtocols.ECHO)) {
      TransportAddr remote = connection.path().remote();
      assertThat(remote).isInstanceOf(TransportAddr.Relay.class);
      return ((TransportAddr.Relay) remote).url();
    }
  }
}
