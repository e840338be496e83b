package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.MemoryDiscovery;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Endpoints on loopback that know only each other's id, and services that tell the rest. */
class DiscoveryDialTest {
  private static final ConnectOptions SHORT =
      ConnectOptions.DEFAULT.withTimeout(Duration.ofMillis(1500));

  private static Connection dial(Endpoint client, Endpoint server) throws Exception {
    return client.connect(server.id(), Pair.ALPN);
  }

  @Test
  void anIdIsEnoughWhereAServiceKnowsTheRest() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().discovery(memory))) {
      memory.set(pair.server.addr());
      try (Connection connection = dial(pair.client, pair.server)) {
        assertThat(connection.remoteId()).isEqualTo(pair.server.id());
        RemoteInfo info = pair.client.remoteInfo(pair.server.id()).orElseThrow();
        assertThat(info.addrs().get(0).sources())
            .extracting(RemoteInfo.Source::provenance)
            .contains("memory");
        assertThat(pair.client.remotes()).extracting(RemoteInfo::id).contains(pair.server.id());
      }
    }
  }

  @Test
  void withoutAnyServiceAnIdFailsAtOnce() throws Exception {
    try (Endpoint client = Pair.builder().bind()) {
      NodeId nobody = SecretKey.generate().nodeId();
      long begun = System.nanoTime();
      assertThatThrownBy(() -> client.connect(nobody, Pair.ALPN))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS))
          .hasMessageContaining("no way to find");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(500));
    }
  }

  @Test
  void anUnknownIdFailsEarlyWithWhatEachServiceSaid() throws Exception {
    try (Endpoint client = Pair.builder().discovery(new MemoryDiscovery()).bind()) {
      NodeId nobody = SecretKey.generate().nodeId();
      assertThatThrownBy(() -> client.connect(nobody, Pair.ALPN))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ADDRESS))
          .hasMessageContaining("memory: knows nothing of it");
    }
  }

  @Test
  void aPeerThatHasMovedIsFoundWhereItIsNow() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    SecretKey key = SecretKey.generate();
    try (Endpoint client = Pair.builder().discovery(memory).bind()) {
      NodeAddr old;
      try (Endpoint before = Pair.builder().secretKey(key).bind()) {
        old = before.addr();
        memory.set(old);
        dial(client, before).close();
      }
      try (Endpoint now = Pair.builder().secretKey(key).bind()) {
        memory.set(now.addr());
        try (Connection connection = client.connect(old, Pair.ALPN)) {
          assertThat(connection.path().remote())
              .hasToString(SocketAddrs.toString(now.boundSockets().get(0)));
        }
      }
    }
  }

  @Test
  void aPeerThatDoesNotAnswerWhereItWasFoundIsToldWithTheServices() throws Exception {
    MemoryDiscovery memory = new MemoryDiscovery();
    NodeId nobody = SecretKey.generate().nodeId();
    memory.set(NodeAddr.of(nobody).withIp(SocketAddrs.parse("127.0.0.1:9")));
    try (Endpoint client = Pair.builder().discovery(memory).bind()) {
      assertThatThrownBy(() -> client.connect(NodeAddr.of(nobody), Pair.ALPN, SHORT))
          .isInstanceOfSatisfying(
              PeerConnectException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
          .hasMessageContaining("127.0.0.1:9")
          .hasMessageContaining("looked up: memory: found 1 address");
      assertThat(client.remotes()).extracting(RemoteInfo::id).isEqualTo(List.of(nobody));
    }
  }
}
