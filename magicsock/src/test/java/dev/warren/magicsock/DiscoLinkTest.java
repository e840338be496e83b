package dev.warren.magicsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.magicsock.MagicSocketMetrics.Counter;
import dev.warren.magicsock.wire.DiscoPacket;
import dev.warren.testlab.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which packets of strangers are read, under a manual clock. */
class DiscoLinkTest {
  private final MagicSocketMetrics metrics = new MagicSocketMetrics();
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 500_000_000L);
  private SocketPair sockets;
  private SecretKey key;
  private PeerTable peers;
  private DiscoLink disco;

  @BeforeEach
  void bind() throws Exception {
    sockets = new SocketPair();
    key = sockets.server.secretKey();
    peers = new PeerTable(id -> new Peer(sockets.server, id), metrics);
    Egress egress = new Egress(sockets.server.relays(), metrics);
    disco = new DiscoLink(key, peers, egress, metrics, clock::nanoTime);
  }

  @AfterEach
  void close() {
    sockets.close();
  }

  private void opened(byte[] packet, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(disco.open(packet, null)).isNull();
    }
  }

  @Test
  void aFloodOfUnknownSendersIsDroppedUnreadAndKnownOnesAreStillHeard() throws Exception {
    try (RawPeer known = new RawPeer(sockets.server);
        RawPeer flood = new RawPeer(sockets.server)) {
      assertThat(disco.open(known.ping(1), null)).isNotNull();
      byte[] forged = flood.ping(1);
      // Its seal is broken: the sender never becomes known.
      forged[DiscoPacket.HEADER] ^= 1;
      opened(forged, DiscoLink.UNKNOWN_PER_SECOND + 99);
      assertThat(metrics.get(Counter.RECV_DISCO_BAD_KEY))
          .as("read, the known one's first being of the same second")
          .isEqualTo(DiscoLink.UNKNOWN_PER_SECOND - 1);
      assertThat(metrics.get(Counter.RECV_DISCO_REFUSED)).isEqualTo(100);

      assertThat(disco.open(known.ping(2), null)).isNotNull();
      assertThat(disco.open(flood.ping(2), null)).as("an honest stranger in the flood").isNull();
      clock.advance(Duration.ofMillis(10));
      assertThat(disco.open(flood.ping(3), null)).as("and soon after").isNotNull();
    }
  }
}
