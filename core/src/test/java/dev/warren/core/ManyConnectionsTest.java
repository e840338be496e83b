package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.SecretKey;
import dev.warren.core.io.ConnectionCounts;
import dev.warren.testlab.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many dials, good and bad, over the same two sockets. */
class ManyConnectionsTest {
  private static long openFiles() {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    } catch (java.io.IOException notOnThisSystem) {
      return 0;
    }
  }

  /** Netty's way is a datagram channel for each dial, which the close of a connection leaves. */
  @Test
  void everyDialUsesTheSameSocket() throws Exception {
    try (Pair pair = Pair.bind()) {
      pair.link();
      long before = openFiles();
      List<Connection> open = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        open.add(pair.dial());
      }
      assertThat(openFiles()).isLessThan(before + 20);
      open.forEach(Connection::close);
      assertThat(pair.client.boundSockets()).hasSize(1);
    }
  }

  /** Connections that never became active tell of their end by nothing but their close future. */
  @Test
  void failedHandshakesLeaveNothingOnEitherSide() throws Exception {
    try (Pair pair = Pair.bind(Pair.builder().shards(1), Pair.builder().shards(1))) {
      Pair.Link good = pair.link();
      NodeAddr server = pair.server.addr();
      NodeAddr other = NodeAddr.of(SecretKey.generate().nodeId()).withIps(server.direct());
      for (int i = 0; i < 10; i++) {
        assertThatThrownBy(() -> pair.client.connect(server, Alpn.of("other/1")))
            .isInstanceOf(PeerException.class);
        assertThatThrownBy(() -> pair.client.connect(other, Pair.ALPN))
            .isInstanceOf(PeerException.class);
      }
      for (Connection side : List.of(good.dialler(), good.acceptor())) {
        Await.until(
            "only the good one is left",
            Duration.ofSeconds(15),
            () -> ConnectionCounts.ofShard(side.quic()) == 1);
      }
      assertThat(pair.server.metrics().get("connections.opened")).isOne();
      assertThat(pair.server.metrics().get("connections.closed")).isZero();
    }
  }

  /** Each endpoint is server and client at once, and both codecs want to hear of a read's end. */
  @Test
  void twoEndpointsDialEachOtherAndBothConnectionsCarry() throws Exception {
    try (Pair pair = Pair.bind(Pair.builder().shards(1), Pair.builder().shards(1))) {
      CompletableFuture<Connection> there =
          pair.client.connectAsync(pair.server.addr(), Pair.ALPN, ConnectOptions.DEFAULT);
      CompletableFuture<Connection> back =
          pair.server.connectAsync(pair.client.addr(), Pair.ALPN, ConnectOptions.DEFAULT);
      Connection one = there.get(10, TimeUnit.SECONDS);
      Connection two = back.get(10, TimeUnit.SECONDS);
      Connection oneAccepted = pair.server.accept().orElseThrow().accept();
      Connection twoAccepted = pair.client.accept().orElseThrow().accept();
      List<CompletableFuture<Integer>> carried = new ArrayList<>();
      for (Pair.Link link :
          List.of(new Pair.Link(one, oneAccepted), new Pair.Link(two, twoAccepted))) {
        SendStream out = link.dialler().openUni();
        out.writeAsync(java.nio.ByteBuffer.allocate(4 << 20));
        out.finish();
        carried.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return link.acceptor().acceptUni().readAll(4 << 20).length;
                  } catch (java.io.IOException e) {
                    return -1;
                  }
                }));
      }
      for (CompletableFuture<Integer> bytes : carried) {
        assertThat(bytes.get(20, TimeUnit.SECONDS)).isEqualTo(4 << 20);
      }
    }
  }

  /**
   * Three ids of 20 bytes and a stateless reset token do not fit into what quiche encodes after a
   * Retry. Ours have 8 bytes and there is no token, so a foreign client's long ids do no harm.
   */
  @Test
  void aRetryWorksForForeignClientsWithIdsOfTwentyBytes() throws Exception {
    try (Pair pair =
            Pair.bind(
                Pair.builder().incomingFilter(IncomingFilters.retryUnvalidated()), Pair.builder());
        ForeignQuic foreign =
            ForeignQuic.client(ForeignQuic.Credentials.of(SecretKey.generate(), false))) {
      foreign.dial(pair.server.boundSockets().get(0));
      assertThat(pair.server.acceptAsync().get(10, TimeUnit.SECONDS)).isPresent();
      assertThat(pair.server.metrics().get("connections.retried")).isPositive();
      assertThat(pair.dial().remoteId()).isEqualTo(pair.server.id());
    }
  }
}
