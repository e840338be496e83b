package dev.warren.discovery.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import dev.warren.discovery.wire.PacketClock;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service of an endpoint, on a DHT on loopback. */
class DhtDiscoveryTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final SecretKey secret = SecretKey.generate();
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private LoopbackDht dht;

  @BeforeEach
  void start() throws IOException {
    dht = new LoopbackDht(8);
  }

  @AfterEach
  void stop() {
    dht.close();
    timers.shutdownNow();
  }

  private DiscoveryContext context(SecretKey key, String bound) {
    return new DiscoveryContext(key, List.of(SocketAddrs.parse(bound)), Runnable::run, timers);
  }

  private Discovery service(DhtDiscovery.Builder settings) throws IOException {
    return settings
        .bootstrap(List.of(dht.bootstrap()))
        .build()
        .create(context(secret, "127.0.0.1:1"));
  }

  private static EndpointData data(String relay, String... addresses) throws Exception {
    List<TransportAddr> addrs = new ArrayList<>();
    addrs.add(new TransportAddr.Relay(RelayUrl.parse(relay)));
    for (String address : addresses) {
      addrs.add(new TransportAddr.Ip(SocketAddrs.parse(address)));
    }
    return new EndpointData(addrs, Optional.empty());
  }

  private Optional<SignedPacket> inTheDht() {
    return dht.nodes().get(1).mostRecent(secret.nodeId()).join();
  }

  private void awaitRelay(String relay) {
    Await.until(
        relay + " is published",
        LIMIT,
        () ->
            inTheDht()
                .map(TxtRecords::read)
                .filter(r -> r.relays().toString().contains(relay))
                .isPresent());
  }

  /** What a lookup has told. */
  private static final class Sink implements ResolveSink {
    final List<DiscoveryItem> items = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> end = new CompletableFuture<>();

    @Override
    public void found(DiscoveryItem item) {
      items.add(item);
    }

    @Override
    public void done() {
      end.complete(null);
    }

    @Override
    public void failed(Throwable cause) {
      end.completeExceptionally(cause);
    }
  }

  private Sink resolve(Discovery service) throws Exception {
    Sink sink = new Sink();
    service.resolve(secret.nodeId(), sink);
    sink.end.get(20, TimeUnit.SECONDS);
    return sink;
  }

  @Test
  void whatOneEndpointPublishesAnotherResolves() throws Exception {
    try (Discovery publisher = service(DhtDiscovery.builder());
        Discovery resolver =
            DhtDiscovery.builder()
                .bootstrap(List.of(dht.bootstrap()))
                .build()
                .create(context(SecretKey.generate(), "127.0.0.1:2"))) {
      publisher.publish(
          data("https://relay.example.com./", "192.0.2.1:4433").withUserData("hello"));
      awaitRelay("relay.example.com");
      Sink sink = resolve(resolver);
      assertThat(sink.items).hasSize(1);
      DiscoveryItem item = sink.items.get(0);
      assertThat(item.id()).isEqualTo(secret.nodeId());
      assertThat(item.provenance()).isEqualTo("dht");
      assertThat(item.data().relays()).hasSize(1);
      assertThat(item.data().direct()).as("only relays are published by default").isEmpty();
      assertThat(item.data().userData()).contains("hello");
      assertThat(item.lastUpdated()).isPresent();
      Await.until(LIMIT, () -> publisher.metrics().get("published") == 1);
    }
  }

  @Test
  void directAddressesArePublishedIfTheFilterSaysSo() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder().filter(AddrFilter.everything()))) {
      service.publish(data("https://relay.example.com./", "192.0.2.1:4433", "127.0.0.1:9"));
      awaitRelay("relay.example.com");
      assertThat(resolve(service).items.get(0).data().direct())
          .as("loopback means something to an endpoint on loopback")
          .containsExactly(SocketAddrs.parse("192.0.2.1:4433"), SocketAddrs.parse("127.0.0.1:9"));
      try (Discovery world =
          DhtDiscovery.builder()
              .bind(new InetSocketAddress("127.0.0.1", 0))
              .bootstrap(List.of(dht.bootstrap()))
              .build()
              .create(context(SecretKey.generate(), "0.0.0.0:2"))) {
        assertThat(resolve(world).items.get(0).data().direct())
            .containsExactly(SocketAddrs.parse("192.0.2.1:4433"));
        assertThat(world.metrics().get("addresses_refused")).isEqualTo(1);
      }
    }
  }

  @Test
  void aChangeReplacesWhatWasPublishedBefore() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder())) {
      service.publish(data("https://one.example.com./"));
      awaitRelay("one.example.com");
      service.publish(data("https://two.example.com./"));
      awaitRelay("two.example.com");
    }
  }

  @Test
  void changesThatComeTogetherArePublishedOnceAndWhatIsFilteredOutIsNone() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder())) {
      for (int i = 0; i < 100; i++) {
        service.publish(data("https://r" + i + ".example.com./"));
      }
      Await.until(LIMIT, () -> service.metrics().get("published") == 1);
      awaitRelay("r99.example.com");
      SignedPacket first = inTheDht().orElseThrow();
      service.publish(data("https://r99.example.com./", "192.0.2.1:1"));
      service.publish(data("https://r99.example.com./", "192.0.2.1:2"));
      // Were they changes, they would be there before this one.
      service.publish(data("https://last.example.com./"));
      awaitRelay("last.example.com");
      Await.until(LIMIT, () -> service.metrics().get("published") == 2);
      assertThat(inTheDht().orElseThrow().isMoreRecentThan(first)).isTrue();
    }
  }

  @Test
  void whatTheDhtHoldsFromAClockThatIsAheadIsNotRolledBack() throws Exception {
    long ahead = PacketClock.system().next() + TimeUnit.DAYS.toMicros(1000);
    SignedPacket future =
        TxtRecords.of(data("https://future.example.com./").addrs(), null)
            .sign(secret, TxtRecords.DEFAULT_TTL, ahead);
    dht.nodes().get(3).put(future).get(20, TimeUnit.SECONDS);
    try (Discovery service = service(DhtDiscovery.builder())) {
      service.publish(data("https://now.example.com./"));
      awaitRelay("now.example.com");
      assertThat(inTheDht().orElseThrow().timestamp()).isEqualTo(ahead + 1);
    }
  }

  @Test
  void thePacketIsStoredAgainAndIsTheSame() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder().republish(Duration.ofSeconds(1)))) {
      service.publish(data("https://relay.example.com./"));
      awaitRelay("relay.example.com");
      SignedPacket first = inTheDht().orElseThrow();
      Await.until(LIMIT, () -> service.metrics().get("published") >= 3);
      assertThat(inTheDht()).contains(first);
    }
  }

  @Test
  void nothingIsPublishedWhileThereIsNothingToSay() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder())) {
      service.publish(EndpointData.EMPTY);
      service.publish(
          new EndpointData(
              List.of(new TransportAddr.Ip(SocketAddrs.parse("192.0.2.1:1"))), Optional.empty()));
      service.publish(data("https://relay.example.com./"));
      Await.until(LIMIT, () -> service.metrics().get("published") == 1);
      service.publish(EndpointData.EMPTY);
      assertThat(inTheDht()).isPresent();
    }
  }

  @Test
  void aDataSetThatIsTooLargeKeepsItsFirstAddressesAndFitsEveryNode() throws Exception {
    String[] many = new String[60];
    for (int i = 0; i < many.length; i++) {
      many[i] = "192.0.2." + (i + 100) + ":" + (10_000 + i);
    }
    try (Discovery service = service(DhtDiscovery.builder().filter(AddrFilter.everything()))) {
      service.publish(data("https://relay.example.com./", many));
      awaitRelay("relay.example.com");
      SignedPacket packet = inTheDht().orElseThrow();
      assertThat(packet.dns().length).isBetween(900, 996);
      assertThat(TxtRecords.read(packet).ips()).startsWith(SocketAddrs.parse(many[0]));
    }
  }

  @Test
  void whatNobodyPublishedIsDoneWithoutAnItem() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder())) {
      assertThat(resolve(service).items).isEmpty();
    }
  }

  @Test
  void aLookupThatIsClosedTellsNothing() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder())) {
      Sink sink = new Sink();
      service.resolve(secret.nodeId(), sink).close();
      assertThat(resolve(service).items).isEmpty();
      assertThat(sink.items).isEmpty();
      assertThat(sink.end).isNotDone();
    }
  }

  @Test
  void aDhtThatIsGoneIsAFailureThatNamesIt() throws Exception {
    try (Discovery service = service(DhtDiscovery.builder())) {
      dht.close();
      Sink sink = new Sink();
      service.resolve(secret.nodeId(), sink);
      assertThatThrownBy(() -> sink.end.get(20, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(dht.bootstrap().getPort()));
    }
  }

  @Test
  void anEndpointUsesTheNodeOfItsProgramAndLeavesItOpen() throws Exception {
    DhtNode node = dht.nodes().get(5);
    Discovery service =
        DhtDiscovery.builder().dht(node).build().create(context(secret, "127.0.0.1:1"));
    service.publish(data("https://relay.example.com./"));
    awaitRelay("relay.example.com");
    service.close();
    assertThat(node.nodes().join()).isPositive();
  }

  @Test
  void withoutBootstrapNodesThereIsNoService() {
    assertThatThrownBy(() -> DhtDiscovery.builder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no bootstrap nodes");
  }
}
