package dev.warren.discovery.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Participants with sockets, on loopback. */
class DhtTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

  private final SecretKey secret = SecretKey.generate();

  private SignedPacket packet(long timestamp, String host) throws Exception {
    RelayUrl relay = RelayUrl.parse("https://" + host + "/");
    return TxtRecords.of(List.of(new TransportAddr.Relay(relay)), null)
        .sign(secret, TxtRecords.DEFAULT_TTL, timestamp);
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 50})
  void aPacketIsFoundByWhoKnowsOneNode(int nodes) throws Exception {
    try (LoopbackDht dht = new LoopbackDht(nodes);
        DhtClient publisher = dht.client();
        DhtClient reader = dht.client()) {
      SignedPacket packet = packet(1, "relay.example.com");
      PutOutcome put = await(publisher.put(packet));
      assertThat(put.isStored()).isTrue();
      assertThat(put.found()).isEmpty();
      assertThat(await(reader.mostRecent(secret.nodeId()))).contains(packet);
    }
  }

  @Test
  void aThirdOfFiftyNodesMayVanish() throws Exception {
    try (LoopbackDht dht = new LoopbackDht(50);
        DhtClient publisher = dht.client();
        DhtClient reader = dht.client()) {
      SignedPacket packet = packet(1, "relay.example.com");
      await(publisher.put(packet));
      for (int i = 1; i < 50; i += 3) {
        dht.nodes().get(i).close();
      }
      assertThat(await(reader.mostRecent(secret.nodeId()))).contains(packet);
    }
  }

  @Test
  void aPacketIsNeverRolledBack() throws Exception {
    try (LoopbackDht dht = new LoopbackDht(8);
        DhtClient publisher = dht.client()) {
      SignedPacket newer = packet(2, "new.example.com");
      await(publisher.put(newer));
      PutOutcome old = await(publisher.put(packet(1, "old.example.com")));
      assertThat(old.isStored()).isFalse();
      assertThat(old.asked()).isZero();
      assertThat(old.found()).contains(newer);
      assertThat(await(dht.nodes().get(3).mostRecent(secret.nodeId()))).contains(newer);
    }
  }

  @Test
  void whatNobodyHasPublishedIsNotFound() throws Exception {
    try (LoopbackDht dht = new LoopbackDht(8);
        DhtClient reader = dht.client()) {
      assertThat(await(reader.mostRecent(secret.nodeId()))).isEmpty();
    }
  }

  @Test
  void aPacketOfTheFullSizeIsStoredAndFound() throws Exception {
    try (LoopbackDht dht = new LoopbackDht(8);
        DhtClient client = dht.client()) {
      // A message of 1000 bytes: two records of opaque text.
      SignedPacket packet = Packets.ofSize(secret, 1, SignedPacket.MAX_DNS);
      assertThat(packet.dns()).hasSize(1000);
      assertThat(await(client.put(packet)).isStored()).isTrue();
      assertThat(await(client.mostRecent(secret.nodeId()))).contains(packet);
    }
  }

  @Test
  void aClientThatNobodyAnswersFailsAndSaysWhomItAsked() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      int port = silent.getLocalPort();
      try (DhtClient client =
          DhtClient.builder().bind(ANY).bootstrap("127.0.0.1:" + port).start()) {
        assertThatThrownBy(() -> await(client.mostRecent(secret.nodeId())))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOf(IOException.class)
            .hasMessageContaining("none of 1 nodes")
            .hasMessageContaining("127.0.0.1:" + port);
        assertThatThrownBy(() -> await(client.put(packet(1, "x.example.com"))))
            .cause()
            .isInstanceOf(IOException.class)
            .hasMessageContaining("no node of the DHT answered");
      }
    }
  }

  @Test
  void aBootstrapHostWithoutAddressIsNamed() throws Exception {
    try (DhtClient client =
        DhtClient.builder().bind(ANY).bootstrap("no-such-host.invalid:6881").start()) {
      assertThatThrownBy(() -> await(client.mostRecent(secret.nodeId())))
          .cause()
          .hasMessageContaining("no-such-host.invalid");
    }
  }

  @Test
  void aHostIsLookedUpWhenItIsNeeded() throws Exception {
    try (LoopbackDht dht = new LoopbackDht(3);
        DhtClient client =
            DhtClient.builder()
                .bind(ANY)
                .bootstrap("localhost:" + dht.bootstrap().getPort())
                .start()) {
      assertThat(await(client.mostRecent(secret.nodeId()))).isEmpty();
    }
  }

  @Test
  void thereAreNoBootstrapNodesByDefaultAndTheErrorSaysSo() {
    assertThatThrownBy(() -> DhtClient.builder().start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no bootstrap nodes")
        .hasMessageContaining("PUBLIC_BOOTSTRAP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "host:", ":1", "host:0", "host:65536", "a:b:1", "::1", "host:x"})
  void whatIsNoNodeIsRefused(String text) {
    assertThatThrownBy(() -> DhtClient.builder().bootstrap(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HOST:PORT");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (DhtNode node = DhtNode.builder().bind(ANY).start()) {
      assertThatThrownBy(() -> DhtNode.builder().bind(node.localAddress()).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(node.localAddress().getPort()));
    }
  }

  @Test
  void nodesOfIpv6AreADhtToo() throws Exception {
    InetSocketAddress any6 = new InetSocketAddress("::1", 0);
    try (DhtNode first = DhtNode.builder().bind(any6).start();
        DhtNode second =
            DhtNode.builder().bind(any6).bootstrap(List.of(first.localAddress())).start();
        DhtClient client =
            DhtClient.builder().bind(any6).bootstrap(List.of(second.localAddress())).start()) {
      Await.until(Duration.ofSeconds(10), () -> second.nodes().join() == 1);
      Await.until(Duration.ofSeconds(10), () -> first.nodes().join() == 1);
      assertThat(await(client.put(packet(1, "x.example.com"))).stored()).isEqualTo(2);
    }
  }

  @Test
  void aCloseFreesThreadAndPortAndEndsWhatIsUnderWay() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      DhtClient client =
          DhtClient.builder().bind(ANY).bootstrap("127.0.0.1:" + silent.getLocalPort()).start();
      int port = client.localAddress().getPort();
      CompletableFuture<Optional<SignedPacket>> lookup = client.mostRecent(secret.nodeId());
      CompletableFuture<PutOutcome> put = client.put(packet(1, "x.example.com"));
      client.close();
      client.close();
      assertThatThrownBy(lookup::join).hasMessageContaining("closed");
      assertThatThrownBy(put::join).hasMessageContaining("closed");
      assertThatThrownBy(() -> client.mostRecent(secret.nodeId()).join())
          .hasMessageContaining("closed");
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(t -> t.getName().equals("warren-dht-" + port));
      new DatagramSocket(port, InetAddress.getByName("127.0.0.1")).close();
    }
  }

  @Test
  void garbageIsCountedAndTheNodeGoesOn() throws Exception {
    try (DhtNode node = DhtNode.builder().bind(ANY).start();
        DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      for (int length : new int[] {0, 1, 100, 2048, 2049, 60_000}) {
        stranger.send(new DatagramPacket(new byte[length], length, node.localAddress()));
      }
      Await.until(Duration.ofSeconds(10), () -> node.metrics().getOrDefault("malformed", 0L) == 6);
      try (DhtClient client =
          DhtClient.builder().bind(ANY).bootstrap(List.of(node.localAddress())).start()) {
        assertThat(await(client.mostRecent(secret.nodeId()))).isEmpty();
      }
    }
  }
}
