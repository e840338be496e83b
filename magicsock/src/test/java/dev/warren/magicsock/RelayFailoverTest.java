package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.relay.client.RelayStatus;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import dev.warren.testlab.DelayingForwarder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three relays, each behind a forwarder that makes it near or far, and sockets that have no direct
 * paths: which relay is home, what happens when one ends, and whether peers find each other.
 */
class RelayFailoverTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, DatagramTransport.best().ioHandlerFactory());
  private final List<RelayServer> servers = new ArrayList<>();
  private final List<DelayingForwarder> ways = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  /** A socket and what arrived at it. */
  private record Node(MagicSocket socket, Queue<SocketPair.Arrived> arrived) {
    @Nullable RelayUrl home() {
      return socket.homeRelay().get() instanceof RelayStatus.Connected c ? c.url() : null;
    }

    long count(Counter counter) {
      return socket.metrics().get(counter);
    }

    /** The other one as a peer that a connection uses. */
    Peer peer(Node other) {
      Peer peer = socket.peer(other.socket.id());
      peer.retain();
      return peer;
    }

    void told(Node other, RelayUrl relay) {
      socket.addAddr(NodeAddr.of(other.socket.id()).withRelay(relay), "test");
    }
  }

  @BeforeEach
  void relays() throws Exception {
    for (int i = 0; i < 3; i++) {
      RelayServer server = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
      servers.add(server);
      ways.add(new DelayingForwarder(server.boundAddress(), Duration.ZERO));
    }
  }

  @AfterEach
  void close() {
    nodes.forEach(n -> n.socket.close());
    ways.forEach(DelayingForwarder::close);
    servers.forEach(RelayServer::close);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
  }

  private RelayUrl url(int relay) {
    try {
      return RelayUrl.parse("http://" + SocketAddrs.toString(ways.get(relay).address()) + "/");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The round trips in ms. */
  private void roundTrips(int... ms) {
    for (int i = 0; i < ms.length; i++) {
      ways.get(i).delay(Duration.ofMillis(ms[i] / 2));
    }
  }

  private Node node(int... relays) throws Exception {
    Queue<SocketPair.Arrived> arrived = new ConcurrentLinkedQueue<>();
    RelayUrl[] urls = java.util.Arrays.stream(relays).mapToObj(this::url).toArray(RelayUrl[]::new);
    Node node =
        new Node(SocketPair.socket(loops.next(), "127.0.0.1:0", arrived, false, urls), arrived);
    nodes.add(node);
    return node;
  }

  private void awaitHome(Node node, int relay) {
    Await.until("home at " + relay, SOON, () -> url(relay).equals(node.home()));
  }

  private static @Nullable RelayUrl relayOf(Peer peer) {
    return peer.paths().stream()
        .map(PathSnapshot::remote)
        .filter(TransportAddr.Relay.class::isInstance)
        .map(r -> ((TransportAddr.Relay) r).url())
        .findFirst()
        .orElse(null);
  }

  /** Sends every 50 ms until something is so. */
  private static void sendUntil(String what, Peer to, Duration limit, BooleanSupplier so) {
    long[] next = {System.nanoTime()};
    Await.until(
        what,
        limit,
        () -> {
          if (System.nanoTime() - next[0] >= 0) {
            next[0] = System.nanoTime() + 50_000_000;
            SocketPair.send(to, 200);
          }
          return so.getAsBoolean();
        });
  }

  private static void arrives(String what, Peer to, Node at) {
    int before = at.arrived.size();
    sendUntil(what, to, SOON, () -> at.arrived.size() > before + 3);
  }

  @Test
  void theNearestRelayIsHomeWhateverTheOrder() throws Exception {
    // So far apart that a busy machine does not turn their order.
    roundTrips(1200, 10, 1000);
    Node node = node(0, 1, 2);
    awaitHome(node, 1);
    Await.until("measured", SOON, () -> node.socket.relayLatencies().size() == 3);
    assertThat(node.socket.relayLatencies().get(url(0))).isGreaterThan(Duration.ofMillis(1190));
    assertThat(node.socket.addr().get().relay()).contains(url(1));
    assertThat(node.count(Counter.RELAY_HOME_CHANGE)).isZero();
    assertThat(servers.get(0).clients() + servers.get(2).clients())
        .as("connections that nobody needs")
        .isZero();
  }

  @Test
  void withOneRelayNothingIsProbed() throws Exception {
    Node node = node(0);
    awaitHome(node, 0);
    node.socket.networkChanged();
    Await.until("the relay has answered", SOON, () -> servers.get(0).clients() == 1);
    assertThat(node.count(Counter.RELAY_PROBES)).isZero();
  }

  @Test
  void homeMovesToTheNextNearestWhenItEndsAndStaysThereWhenItIsBackNoNearer() throws Exception {
    roundTrips(4, 300, 100);
    Node node = node(0, 1, 2);
    awaitHome(node, 0);
    Await.until("measured", SOON, () -> node.socket.relayLatencies().size() == 3);
    // On a busy machine another one may have answered first and been home before.
    long moves = node.count(Counter.RELAY_HOME_CHANGE);
    long before = System.nanoTime();
    ways.get(0).down();
    Await.until("lost", SOON, () -> node.socket.addr().get().relay().isEmpty());
    awaitHome(node, 2);
    Duration took = Duration.ofNanos(System.nanoTime() - before);
    assertThat(took).as("a second and a dial").isLessThan(Duration.ofSeconds(6));
    assertThat(node.socket.addr().get().relay()).contains(url(2));
    assertThat(node.count(Counter.RELAY_HOME_CHANGE)).isEqualTo(moves + 1);

    // As far as the new home, on a network of which nothing is known.
    ways.get(0).up();
    roundTrips(300, 400, 300);
    long probes = node.count(Counter.RELAY_REPORTS);
    node.socket.networkChanged();
    Await.until(
        "measured again",
        SOON,
        () ->
            node.count(Counter.RELAY_REPORTS) > probes
                && node.socket.relayLatencies().containsKey(url(0)));
    assertThat(node.home()).isEqualTo(url(2));
  }

  @Test
  void aRelayThatIsDrainedIsLeftForTheNextOneAndWhoTalksGoesOn() throws Exception {
    roundTrips(4, 100, 300);
    Node a = node(0, 1);
    awaitHome(a, 0);
    Node b = node(2);
    awaitHome(b, 2);
    Peer toA = b.peer(a);
    b.told(a, url(0));
    a.told(b, url(2));
    arrives("b to a", toA, a);
    arrives("a to b", a.peer(b), b);
    roundTrips(4, 4, 4);
    servers.get(0).drain(Duration.ZERO);
    awaitHome(a, 1);
    arrives("b to a still", toA, a);
  }

  @Test
  void aNetworkChangeFindsTheRelayThatIsNearNow() throws Exception {
    roundTrips(10, 150, 150);
    Node node = node(0, 1, 2);
    awaitHome(node, 0);
    Await.until("measured", SOON, () -> node.socket.relayLatencies().size() == 3);
    roundTrips(150, 10, 150);
    node.socket.networkChanged();
    awaitHome(node, 1);
    assertThat(node.count(Counter.RELAY_HOME_CHANGE)).isEqualTo(1);
  }

  @Test
  void relaysAreAddedAndRemovedAndWhoTalksToUsGoesOn() throws Exception {
    Node a = node(0);
    Node b = node(0);
    awaitHome(a, 0);
    awaitHome(b, 0);
    Peer toB = a.peer(b);
    Peer toA = b.peer(a);
    a.told(b, url(0));
    arrives("by the first", toB, b);
    arrives("and back", toA, a);

    a.socket.insertRelay(url(1));
    a.socket.removeRelay(url(0));
    awaitHome(a, 1);
    assertThat(a.socket.addr().get().relay()).contains(url(1));
    arrives("still", toB, b);
    arrives("and back still", toA, a);

    a.socket.removeRelay(url(1));
    Await.until("none", SOON, () -> a.socket.homeRelay().get() instanceof RelayStatus.Disabled);
    assertThat(a.socket.addr().get().relay()).isEmpty();
    arrives("even so", toB, b);
  }

  @Test
  void peersWithDifferentHomesTalkAndLeaveAForeignRelayToItself() throws Exception {
    Node a = node(0);
    Node b = node(1);
    Node c = node(2);
    awaitHome(a, 0);
    awaitHome(b, 1);
    awaitHome(c, 2);
    a.told(b, url(1));
    b.told(c, url(2));
    c.told(a, url(0));
    arrives("a to b", a.peer(b), b);
    arrives("b to c", b.peer(c), c);
    arrives("c to a", c.peer(a), a);
    arrives("b to a, who wrote to him", b.peer(a), a);
    assertThat(a.home()).isEqualTo(url(0));
    assertThat(b.home()).isEqualTo(url(1));
  }

  @Test
  void whenARelayEndsItsPeersHaveAnotherHomeAndTheirConnectionsGoOn() throws Exception {
    roundTrips(4, 4, 100);
    Node a = node(0, 2);
    Node b = node(1);
    awaitHome(a, 0);
    awaitHome(b, 1);
    Peer toB = a.peer(b);
    Peer toA = b.peer(a);
    // Each knows the other's home.
    a.told(b, url(1));
    b.told(a, url(0));
    arrives("a to b", toB, b);
    arrives("b to a", toA, a);

    ways.get(0).down();
    arrives("b to a, by a relay that a talks to", toA, a);
    arrives("a to b", toB, b);
    awaitHome(a, 2);
    assertThat(relayOf(toA)).isEqualTo(url(1));
  }

  @Test
  void bothOfAFleetThatLoseTheirHomeFindEachOtherThroughTheOtherRelays() throws Exception {
    roundTrips(4, 200, 200);
    Node a = node(0, 1);
    Node b = node(0, 2);
    awaitHome(a, 0);
    awaitHome(b, 0);
    Peer toB = a.peer(b);
    Peer toA = b.peer(a);
    a.told(b, url(0));
    arrives("a to b", toB, b);
    arrives("b to a", toA, a);

    roundTrips(4, 4, 4);
    ways.get(0).down();
    awaitHome(a, 1);
    awaitHome(b, 2);
    a.socket.insertRelay(url(2));
    arrives("a to b", toB, b);
    arrives("b to a", toA, a);
    assertThat(relayOf(toB)).isNotEqualTo(url(0));
  }

  @Test
  void aPeerThatLeftItsToldRelayIsFoundAtOneOfOurs() throws Exception {
    Node a = node(0);
    Node b = node(1);
    awaitHome(a, 0);
    awaitHome(b, 1);
    Peer toB = a.peer(b);
    a.socket.insertRelay(url(1));
    a.told(b, url(2));
    toB.dialStarted();
    arrives("a to b, who was never there", toB, b);
    assertThat(relayOf(toB)).isEqualTo(url(1));
  }

  @Test
  void aToldRelayThatIsDownIsReplacedByAnotherThatWasTold() throws Exception {
    Node a = node(0);
    Node b = node(1);
    awaitHome(a, 0);
    awaitHome(b, 1);
    Peer toB = a.peer(b);
    a.told(b, url(1));
    a.told(b, url(2));
    ways.get(2).down();
    toB.dialStarted();
    arrives("a to b", toB, b);
  }

  @Test
  void aPeerOfWhomNothingIsKnownIsTriedAtTheRelayThatIsConnected() throws Exception {
    roundTrips(4, 100, 100);
    Node a = node(0, 1);
    awaitHome(a, 0);
    Peer unknown = a.socket.peer(SecretKey.generate().nodeId());
    unknown.dialStarted();
    Await.until("the first relay", SOON, () -> url(0).equals(relayOf(unknown)));
    ways.get(0).down();
    awaitHome(a, 1);
    unknown.dialStarted();
    Await.until("the second relay", SOON, () -> url(1).equals(relayOf(unknown)));
  }
}
