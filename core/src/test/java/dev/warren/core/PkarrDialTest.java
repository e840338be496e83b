package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SocketAddrs;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.pkarr.PkarrPublisher;
import dev.warren.discovery.pkarr.PkarrResolver;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Endpoints that publish and find each other by signed packets on a pkarr relay, on loopback. */
class PkarrDialTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  private PacketShelf shelf;

  @BeforeEach
  void serve() throws IOException {
    shelf = new PacketShelf();
  }

  @AfterEach
  void stop() throws IOException {
    shelf.close();
  }

  @Test
  void directAddressesThatWerePublishedAreFound() throws Exception {
    PkarrPublisher.Builder everything =
        PkarrPublisher.builder(shelf.url()).filter(AddrFilter.everything());
    try (Pair pair =
        Pair.bind(
            Pair.builder().discovery(everything),
            Pair.builder().discovery(PkarrResolver.builder(shelf.url())))) {
      Await.until("the packet", Pair.SOON, () -> shelf.has(pair.server.id()));
      try (Connection connection = pair.client.connect(pair.server.id(), Pair.ALPN)) {
        assertThat(pair.client.remoteInfo(pair.server.id()).orElseThrow().addrs().get(0).sources())
            .extracting(RemoteInfo.Source::provenance)
            .contains("pkarr");
        assertThat(connection.remoteId()).isEqualTo(pair.server.id());
      }
    }
  }

  @Test
  void byDefaultTheRelayIsPublishedAndTheyMeetThere() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        Endpoint listener =
            Pair.builder()
                .relay(relay.url())
                .discovery(PkarrPublisher.builder(shelf.url()))
                .bind();
        Endpoint client = Pair.builder().discovery(PkarrResolver.builder(shelf.url())).bind()) {
      listener.awaitOnline(Pair.SOON);
      Await.until(
          "the relay in what is published",
          Pair.SOON,
          () -> listener.discovery().published().stream().anyMatch(d -> !d.relays().isEmpty()));
      Await.until(
          "a finding with the relay",
          Pair.SOON,
          () ->
              client.discovery().lookup(listener.id()).handle((items, e) -> items).join() != null
                  && client.discovery().lookup(listener.id()).join().stream()
                      .anyMatch(item -> !item.data().relays().isEmpty()));
      try (Connection connection = client.connect(listener.id(), Pair.ALPN)) {
        Await.until("a direct path", Pair.SOON, () -> connection.path().isDirect());
      }
    }
  }
}
