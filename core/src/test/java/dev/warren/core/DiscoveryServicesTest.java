package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.EndpointBindException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.LookupException;
import dev.warren.discovery.MemoryDiscovery;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The services of an endpoint from its bind to its close: what they are told, and when. */
@Tag("trouble")
class DiscoveryServicesTest {
  private static final InetSocketAddress LOOPBACK = SocketAddrs.parse("127.0.0.1:0");

  private final StubDiscovery service = new StubDiscovery("service");

  private EndpointData last() {
    List<EndpointData> all = List.copyOf(service.published);
    return all.isEmpty() ? EndpointData.EMPTY : all.get(all.size() - 1);
  }

  // ---- publishing ----

  @Test
  void whereWeAreIsPublishedAtTheStartAndOnEachChange() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(LOOPBACK);
        Endpoint endpoint =
            Pair.builder().relay(relay.url()).discovery(service).userData("first").bind()) {
      Await.until("the home relay", Pair.SOON, () -> !last().relays().isEmpty());
      assertThat(last().addrs().get(0))
          .as("the relay comes first: there may not be room for all")
          .isEqualTo(new TransportAddr.Relay(relay.url()));
      assertThat(last().direct()).isEqualTo(endpoint.boundSockets());
      assertThat(last().userData()).contains("first");
      endpoint.discovery().userData(Optional.of("second"));
      Await.until(
          "the user data", Pair.SOON, () -> last().userData().equals(Optional.of("second")));
      endpoint.removeRelay(relay.url());
      Await.until("no relay", Pair.SOON, () -> last().relays().isEmpty());
      assertThat(endpoint.discovery().published()).contains(last());
    }
  }

  @Test
  void nothingIsPublishedWhileThereIsNothingToSay() throws Exception {
    try (Endpoint endpoint = Endpoint.builder().directEnabled(false).discovery(service).bind()) {
      endpoint.networkChanged();
      Await.until("the notice", Pair.SOON, () -> service.networkChanges.get() == 1);
      assertThat(service.published).isEmpty();
      endpoint.discovery().userData(Optional.of("here"));
      Await.until("the user data", Pair.SOON, () -> service.published.size() == 1);
    }
  }

  @Test
  void theFilterOfTheEndpointStandsBeforeEveryService() throws Exception {
    try (Endpoint endpoint =
        Pair.builder()
            .publishFilter(AddrFilter.relayOnly())
            .userData("text")
            .discovery(service)
            .bind()) {
      Await.until("a publication", Pair.SOON, () -> service.published.size() == 1);
      assertThat(last().addrs()).isEmpty();
      assertThat(endpoint.addr().direct()).isNotEmpty();
    }
  }

  @Test
  void userDataThatIsTooLongIsRefused() throws Exception {
    String long246 = "x".repeat(EndpointData.MAX_USER_DATA + 1);
    assertThatThrownBy(() -> Endpoint.builder().userData(long246))
        .isInstanceOf(IllegalArgumentException.class);
    try (Endpoint endpoint = Pair.builder().bind()) {
      assertThatThrownBy(() -> endpoint.discovery().userData(Optional.of(long246)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ---- making, adding, removing ----

  @Test
  void aServiceIsMadeOnceTheSocketsAreBound() throws Exception {
    SecretKey key = SecretKey.generate();
    try (Endpoint endpoint = Pair.builder().secretKey(key).discovery(service).bind()) {
      assertThat(service.context.boundSockets()).isEqualTo(endpoint.boundSockets());
      assertThat(service.context.id()).isEqualTo(key.nodeId());
      assertThat(service.context.loopbackOnly()).isTrue();
    }
  }

  @Test
  void aServiceThatCannotBeMadeFailsTheBindAndNothingStays() throws Exception {
    assertThatThrownBy(
            () ->
                Pair.builder()
                    .discovery(service)
                    .discovery(
                        context -> {
                          throw new IOException("no socket to be had");
                        })
                    .bind())
        .isInstanceOf(EndpointBindException.class)
        .hasMessageContaining("no socket to be had");
    assertThat(service.closed).hasValue(1);
    noThreadsStay();
  }

  @Test
  void aServiceThatIsAddedLaterIsToldWhereWeAreAndAsked() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    try (Pair pair = Pair.bind()) {
      pair.client.discovery().add(service);
      Await.until("a publication", Pair.SOON, () -> service.published.size() == 1);
      pair.client.discovery().add(memory);
      memory.set(pair.server.addr());
      pair.client.connect(pair.server.id(), Pair.ALPN).close();
      assertThat(pair.client.discovery().services()).containsExactly(service, memory);
      assertThat(pair.client.discovery().remove(service)).isTrue();
      Await.until("its close", Pair.SOON, () -> service.closed.get() == 1);
      assertThat(pair.client.discovery().services()).containsExactly(memory);
    }
  }

  // ---- asking ----

  @Test
  void anApplicationCanAskByItself() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    NodeId node = SecretKey.generate().nodeId();
    try (Endpoint endpoint = Pair.builder().discovery(memory).bind()) {
      memory.set(node, new EndpointData(List.of(), Optional.of("hello")));
      assertThat(endpoint.discovery().lookup(node).get(10, TimeUnit.SECONDS))
          .extracting(DiscoveryItem::provenance)
          .containsExactly("memory");
      memory.remove(node);
      assertThatThrownBy(() -> endpoint.discovery().lookup(node).get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(LookupException.class);
      assertThat(endpoint.metrics().get("discovery.lookups")).isEqualTo(2);
      assertThat(endpoint.metrics().get("discovery.lookups_found")).isEqualTo(1);
      assertThat(endpoint.metrics().get("discovery.lookups_failed")).isEqualTo(1);
    }
  }

  // ---- end ----

  @Test
  void closingTheEndpointClosesItsServicesAndItsThreads() throws Exception {
    Endpoint endpoint = Pair.builder().discovery(service).bind();
    service.context.timers().schedule(() -> {}, 1, TimeUnit.HOURS);
    endpoint.discovery().lookup(endpoint.id());
    endpoint.close();
    assertThat(service.closed).hasValue(1);
    noThreadsStay();
  }

  @Test
  void aServiceThatBlocksInItsCloseHoldsUpTheEndForABoundedTime() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    service.closing(
        () -> {
          try {
            release.await(30, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try {
      Endpoint endpoint = Pair.builder().discovery(service).bind();
      long begun = System.nanoTime();
      endpoint.close();
      endpoint.closed().get(10, TimeUnit.SECONDS);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    } finally {
      release.countDown();
    }
    noThreadsStay();
  }

  private static void noThreadsStay() {
    Await.until(
        "threads have gone",
        Pair.SOON,
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(
                    t ->
                        t.getName().startsWith("warren-discovery")
                            || t.getName().startsWith("warren-io")));
  }
}
