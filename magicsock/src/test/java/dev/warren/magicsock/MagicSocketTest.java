package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.logic.PathMtu;
import dev.warren.magicsock.logic.PathTable;
import dev.warren.magicsock.logic.UdpPath;
import dev.warren.magicsock.wire.DiscoMessage;
import dev.warren.magicsock.wire.DiscoPacket;
import dev.warren.testlab.Await;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real magic socket and what peers, good and bad, can do to it over UDP. */
class MagicSocketTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private SocketPair pair;
  private MagicSocket server;

  @BeforeEach
  void bind() throws Exception {
    pair = new SocketPair();
    server = pair.server;
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private void awaitCount(Counter counter, long n) {
    Await.until(counter + " " + n, SOON, () -> server.metrics().get(counter) >= n);
  }

  private Peer lastSender() {
    Peer last = null;
    for (SocketPair.Arrived arrived : pair.atServer) {
      last = arrived.from();
    }
    return last;
  }

  @Test
  void datagramsOfSeveralPeersAreToldApart() throws Exception {
    try (RawPeer a = new RawPeer(server);
        RawPeer b = new RawPeer(server);
        RawPeer stranger = new RawPeer(server)) {
      a.proveAddress();
      b.proveAddress();
      awaitCount(Counter.RECV_DISCO_PONG, 2);
      for (RawPeer peer : List.of(a, b, a)) {
        int before = pair.atServer.size();
        peer.sendQuic(100);
        Await.until("the datagram", SOON, () -> pair.atServer.size() > before);
        assertThat(lastSender().id()).contains(peer.id());
      }
      stranger.sendQuic(100);
      Await.until("the stranger's", SOON, () -> pair.atServer.size() == 4);
      assertThat(lastSender().id()).isEmpty();
      assertThat(lastSender().firstSource()).contains(stranger.address());
    }
  }

  @Test
  void anAddressThatAnotherPeerClaimsIsNotDiverted() throws Exception {
    try (RawPeer owner = new RawPeer(server)) {
      owner.proveAddress();
      awaitCount(Counter.RECV_DISCO_PONG, 1);
      NodeAddr thief = NodeAddr.of(SecretKey.generate().nodeId()).withIp(owner.address());
      server.addAddr(thief, "test");
      awaitCount(Counter.CLAIMS_REFUSED, 1);
      owner.sendQuic(100);
      Await.until("the datagram", SOON, () -> !pair.atServer.isEmpty());
      assertThat(lastSender().id()).contains(owner.id());
    }
  }

  @Test
  void aReplayedPingIsAnsweredBySilence() throws Exception {
    try (RawPeer peer = new RawPeer(server)) {
      peer.proveAddress();
      awaitCount(Counter.RECV_DISCO_PONG, 1);
      long before = server.metrics().get(Counter.SENT_DISCO_PONG);
      byte[] ping = peer.ping(5);
      peer.send(ping);
      awaitCount(Counter.SENT_DISCO_PONG, before + 1);
      long pongs = server.metrics().get(Counter.SENT_DISCO_PONG);
      peer.send(ping);
      awaitCount(Counter.RECV_DISCO_REPLAYED, 1);
      assertThat(server.metrics().get(Counter.SENT_DISCO_PONG)).isEqualTo(pongs);
    }
  }

  @Test
  void aCallMeMaybeByUdpIsIgnored() throws Exception {
    try (RawPeer peer = new RawPeer(server);
        DatagramSocket victim = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      InetSocketAddress listed = (InetSocketAddress) victim.getLocalSocketAddress();
      peer.send(peer.seal(new DiscoMessage.CallMeMaybe(List.of(listed))));
      awaitCount(Counter.RECV_DISCO_CALL_ME_MAYBE, 1);
      assertThat(server.metrics().get(Counter.RECV_DISCO_UNEXPECTED)).isEqualTo(1);
      assertThat(server.metrics().get(Counter.SENT_DISCO_PING)).isZero();
    }
  }

  @Test
  void aPongToNoPingProvesNothing() throws Exception {
    try (RawPeer peer = new RawPeer(server)) {
      peer.send(
          peer.seal(
              new DiscoMessage.Pong(
                  new byte[DiscoMessage.TX],
                  java.util.Optional.of(peer.address()),
                  java.util.Optional.empty())));
      awaitCount(Counter.RECV_DISCO_UNEXPECTED, 1);
      assertThat(server.peer(peer.id()).path().confirmed()).isFalse();
    }
  }

  @Test
  void aNetworkChangeProbesPeersInUseAgain() throws Exception {
    try (RawPeer peer = new RawPeer(server)) {
      Peer known = server.peer(peer.id());
      known.retain();
      peer.proveAddress();
      awaitCount(Counter.RECV_DISCO_PONG, 1);
      while (peer.receive(300) != null) {
        // What was on its way.
      }
      server.networkChanged();
      assertThat(peer.receive(2000)).isInstanceOf(DiscoMessage.Ping.class);
    }
  }

  @Test
  void whatDoesNotFitIntoAFullHandoverIsDroppedAndCounted() throws Exception {
    Peer peer = pair.client.peer(server.id());
    for (int i = 0; i < Handover.LIMIT + 3; i++) {
      peer.send(SocketPair.quic(20), 0);
    }
    assertThat(pair.client.metrics().get(Counter.SEND_UNWRITABLE)).isEqualTo(3);
    peer.flush();
    Await.until(
        "the rest to be dropped for want of a path",
        SOON,
        () -> pair.client.metrics().get(Counter.SEND_UNREACHABLE) == Handover.LIMIT);
  }

  @Test
  void peersCannotMakeUsKeepMoreThanALimitOfRelayConnections() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    int[] links = new int[1];
    for (int i = 1; i <= RelayLinks.MAX_LINKS + 5; i++) {
      // Nothing listens there; it is the number that counts.
      NodeAddr far =
          NodeAddr.of(SecretKey.generate().nodeId())
              .withRelay(RelayUrl.parse("http://127.0.0.1:" + i + "/"));
      server.addAddr(far, "test");
      server.peer(far.id()).dialStarted();
    }
    pair.serverLoop.execute(
        () -> {
          links[0] = server.relays().size();
          done.countDown();
        });
    done.await();
    assertThat(links[0]).isEqualTo(RelayLinks.MAX_LINKS);
    assertThat(server.metrics().get(Counter.RELAYS_LEFT)).isEqualTo(5);
  }

  @Test
  void moreRelaysInUseThanThereMayBeDoNotTakeEachOthersPlaceForADatagram() throws Exception {
    int left =
        pair.serverLoop
            .submit(
                () -> {
                  for (int i = 1; i <= 3 * RelayLinks.MAX_LINKS; i++) {
                    server
                        .relays()
                        .send(
                            RelayUrl.parse("http://127.0.0.1:" + (i % 40 + 1) + "/"),
                            server.id(),
                            SocketPair.quic(30),
                            0);
                  }
                  return server.relays().size();
                })
            .get(5, TimeUnit.SECONDS);
    assertThat(left).isEqualTo(RelayLinks.MAX_LINKS);
    assertThat(server.metrics().get(Counter.RELAYS_LEFT)).isZero();
  }

  /** Anybody can be such a peer, under any number of ids. */
  @Test
  void addressesOfPeersThatNobodyUsesGetAFewHundredPingsASecondInAll() throws Exception {
    Peer peer = server.peer(SecretKey.generate().nodeId());
    PathTable.Orders orders = server.ordersFor(peer);
    int tries = 3 * PathProber.UNASKED_PER_SECOND;
    pair.serverLoop
        .submit(
            () -> {
              long start = System.nanoTime();
              InetSocketAddress nobody = new InetSocketAddress("127.0.0.1", 9);
              UdpPath path = peer.table.add(nobody, "test", true, start);
              int sent = 0;
              for (int i = 0; i < tries; i++) {
                sent += orders.ping(path, PathMtu.SMALL_PING) ? 1 : 0;
              }
              double seconds = (System.nanoTime() - start) / 1e9;
              assertThat((double) sent)
                  .isGreaterThanOrEqualTo(PathProber.UNASKED_PER_SECOND)
                  .isLessThanOrEqualTo(PathProber.UNASKED_PER_SECOND * (1 + seconds) + 1);
              assertThat(server.metrics().get(Counter.PINGS_REFUSED)).isEqualTo(tries - sent);
              peer.retain();
              assertThat(orders.ping(path, PathMtu.SMALL_PING)).as("used").isTrue();
            })
        .get(10, TimeUnit.SECONDS);
  }

  @Test
  void whoIsKnownIsHeardBehindAFloodOfForgeries() throws Exception {
    try (RawPeer known = new RawPeer(server);
        RawPeer flood = new RawPeer(server)) {
      known.send(known.ping(1));
      awaitCount(Counter.SENT_DISCO_PONG, 1);
      byte[] packet = flood.ping(1);
      byte[] forged = packet.clone();
      // Its seal is broken: the sender never becomes known.
      forged[DiscoPacket.HEADER] ^= 1;
      Await.until(
          "some hundreds, read or not: see DiscoLinkTest",
          SOON,
          () -> {
            for (int i = 0; i < 100; i++) {
              flood.sendUnchecked(forged);
            }
            return server.metrics().get(Counter.RECV_DISCO_REFUSED)
                    + server.metrics().get(Counter.RECV_DISCO_BAD_KEY)
                > 300;
          });
      int[] next = {2};
      Await.until(
          "an answer to the known one",
          SOON,
          () -> {
            // The kernel may have dropped one behind the flood.
            known.sendUnchecked(known.ping(next[0]++));
            return server.metrics().get(Counter.SENT_DISCO_PONG) > 1;
          });
    }
  }

  @Test
  void anIdlePairWakesItsLoopAboutOnceInFiveSeconds() throws Exception {
    Peer toServer = pair.client.peer(server.id());
    pair.client.addAddr(NodeAddr.of(server.id()).withIps(server.boundSockets()), "test");
    toServer.dialStarted();
    Await.until("a direct path", SOON, () -> toServer.path().confirmed());
    long start = System.nanoTime();
    Await.until("the burst to be over", SOON, () -> System.nanoTime() - start > 2_500_000_000L);
    long before = pair.client.metrics().get(Counter.TIMER_RUNS);
    long from = System.nanoTime();
    Await.until("time to pass", Duration.ofSeconds(12), () -> System.nanoTime() - from > 8e9);
    assertThat(pair.client.metrics().get(Counter.TIMER_RUNS) - before).isLessThanOrEqualTo(5);
    assertThat(toServer.path().confirmed()).isTrue();
  }
}
