package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.DatagramException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.testlab.Await;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Application datagrams: whole or not at all, and never more than fits. */
class DatagramsTest {
  private Pair pair;
  private Connection client;
  private Connection server;

  @BeforeEach
  void connect() throws Exception {
    pair = Pair.bind();
    Pair.Link link = pair.link();
    client = link.dialler();
    server = link.acceptor();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  /** Sends again until something arrives: a datagram may be lost, also on loopback. */
  private static byte[] cross(Connection from, Connection to, byte[] datagram) throws Exception {
    CompletableFuture<byte[]> arrival = to.receiveDatagramAsync();
    for (int i = 0; i < 100; i++) {
      from.sendDatagram(ByteBuffer.wrap(datagram));
      try {
        return arrival.get(100, TimeUnit.MILLISECONDS);
      } catch (TimeoutException again) {
        continue;
      }
    }
    throw new AssertionError("no datagram of " + datagram.length + " bytes arrived");
  }

  @Test
  void theyCrossBothWaysUpToTheAnnouncedSize() throws Exception {
    int max = client.maxDatagramSize().orElseThrow();
    assertThat(max).isGreaterThan(1000);
    for (int size : new int[] {1, 100, 1000}) {
      byte[] datagram = new byte[size];
      datagram[0] = (byte) size;
      assertThat(cross(client, server, datagram)).isEqualTo(datagram);
      assertThat(cross(server, client, datagram)).isEqualTo(datagram);
    }
  }

  @Test
  void theLargestAnnouncedSizeCrosses() throws Exception {
    byte[] datagram = new byte[client.maxDatagramSize().orElseThrow()];
    assertThat(cross(client, server, datagram)).isEqualTo(datagram);
  }

  @Test
  void emptyAndTooLargeOnesAreRefusedWithTheLimit() {
    int max = client.maxDatagramSize().orElseThrow();
    for (int size : new int[] {0, max + 1, 100_000}) {
      assertThatThrownBy(() -> client.sendDatagram(ByteBuffer.allocate(size)))
          .isInstanceOfSatisfying(
              DatagramException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LIMIT))
          .hasMessageContaining(String.valueOf(max));
    }
  }

  @Test
  void whatNobodyReadsIsDroppedOldestFirstAndCounted() throws Exception {
    int sent = 0;
    while (pair.server.metrics().get("quic.datagrams_overflowed") < 10 && sent < 200_000) {
      for (int i = 0; i < 20; i++) {
        client.sendDatagram(ByteBuffer.allocate(8).putInt(sent++).putInt(0).flip());
      }
      // The sender's own queue drops too, silently: give it the round trip that empties it.
      client.stats().get(10, TimeUnit.SECONDS);
    }
    assertThat(pair.server.metrics().get("quic.datagrams_overflowed")).isGreaterThanOrEqualTo(10);
    byte[] oldest = server.receiveDatagram();
    assertThat(ByteBuffer.wrap(oldest).getInt()).isPositive();
  }

  @Test
  void waitingEndsWithTheConnection() throws Exception {
    CompletableFuture<byte[]> waiting = server.receiveDatagramAsync();
    client.close(6, "no more");
    assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeerException.class);
    Await.until("closed here", Pair.SOON, () -> client.closed().isDone());
    // As any lost datagram: the sender learns of the close elsewhere.
    client.sendDatagram(ByteBuffer.allocate(10));
  }
}
