package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose an address is, and how much strangers can make us remember. */
class PeerTableTest {
  private static final InetSocketAddress X = SocketAddrs.parse("192.0.2.1:1000");

  private final MagicSocketMetrics metrics = new MagicSocketMetrics();
  private SocketPair sockets;
  private PeerTable table;

  @BeforeEach
  void bind() throws Exception {
    sockets = new SocketPair();
    table = new PeerTable(id -> new Peer(sockets.server, id), metrics);
  }

  @AfterEach
  void close() {
    sockets.close();
  }

  private static NodeId someone() {
    return SecretKey.generate().nodeId();
  }

  private Peer at(InetSocketAddress address) {
    Peer peer = table.peer(someone());
    peer.table.add(address, "test", true, 0);
    table.claim(address, peer, false);
    return peer;
  }

  @Test
  void aPeerIsFoundByTheBytesOfItsIdUntilItIsForgotten() {
    NodeId first = someone();
    Peer peer = table.peer(first);
    assertThat(table.known(first.toBytes())).isSameAs(peer);
    assertThat(table.known(someone().toBytes())).isNull();
    peer.lastSeen = -1;
    for (int i = 0; i < PeerTable.MAX_IDLE_PEERS; i++) {
      table.knownOrNew(someone());
    }
    assertThat(table.known(first)).isNull();
    assertThat(table.known(first.toBytes())).isNull();
  }

  @Test
  void aClaimTakesWhatNobodyHasProved() {
    at(X);
    Peer second = at(X);
    assertThat(table.bySource(X, 0)).isSameAs(second);
  }

  @Test
  void aClaimDoesNotTakeWhatAnotherHasProved() {
    Peer owner = at(X);
    owner.table.onPong(owner.table.path(X), 284, 1, 0);
    at(X);
    assertThat(table.bySource(X, 0)).isSameAs(owner);
    assertThat(metrics.get(Counter.CLAIMS_REFUSED)).isEqualTo(1);
  }

  @Test
  void aProofTakesWhatAnotherHadProved() {
    Peer owner = at(X);
    owner.table.onPong(owner.table.path(X), 284, 1, 0);
    Peer second = at(X);
    table.claim(X, second, true);
    assertThat(table.bySource(X, 0)).isSameAs(second);
  }

  @Test
  void whatAPeerForgetsIsNobodys() {
    Peer owner = at(X);
    assertThat(table.bySource(X, 0)).isSameAs(owner);
    table.unclaim(X, owner);
    assertThat(table.claims()).isZero();
    assertThat(table.bySource(X, 0)).isNotSameAs(owner);
  }

  @Test
  void strangersAreBoundedAndThoseInUseStay() {
    Peer used = table.bySource(X, 0);
    used.retain();
    for (int i = 1; i <= PeerTable.MAX_PROVISIONAL; i++) {
      InetSocketAddress source = SocketAddrs.parse("198.51.100.1:" + i);
      assertThat(table.bySource(source, 0)).isNotNull();
    }
    assertThat(metrics.get(Counter.PEERS_FORGOTTEN)).isEqualTo(1);
    assertThat(table.bySource(X, 0)).isSameAs(used);
  }

  @Test
  void whereEveryStrangerIsInUseAFurtherOneIsRefused() {
    for (int i = 1; i <= PeerTable.MAX_PROVISIONAL; i++) {
      table.bySource(SocketAddrs.parse("198.51.100.1:" + i), 0).retain();
    }
    assertThat(table.bySource(X, 0)).isNull();
  }

  @Test
  void silentStrangersAreForgottenInTime() {
    Peer first = table.bySource(X, 0);
    table.prune(PeerTable.FORGET_AFTER + 1);
    assertThat(table.bySource(X, 0)).isNotSameAs(first);
  }

  @Test
  void identifiedPeersAreBoundedAndThoseInUseStay() {
    Peer used = table.knownOrNew(someone());
    used.retain();
    for (int i = 0; i < 1100; i++) {
      Peer peer = table.knownOrNew(someone());
      peer.lastSeen = i + 1;
    }
    assertThat(table.identified()).hasSize(PeerTable.MAX_IDLE_PEERS).contains(used);
    assertThat(metrics.get(Counter.PEERS_FORGOTTEN)).isEqualTo(1101 - PeerTable.MAX_IDLE_PEERS);
  }

  @Test
  void aProvedStrangerJoinsItsNode() {
    Peer stranger = table.bySource(X, 0);
    stranger.retain();
    NodeId id = someone();
    Peer node = table.join(stranger, id, 0);
    assertThat(node).isSameAs(table.peer(id));
    assertThat(table.bySource(X, 0)).isSameAs(node);
    assertThat(stranger.resolved()).isSameAs(node);
    assertThat(node.held()).as("what held the stranger holds the node").isTrue();
  }
}
