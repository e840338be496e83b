package dev.warren.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.testlab.Await;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A close of the connection overtakes data: how the last bytes arrive all the same. */
class LastBytesTest {
  private static final int SIZE = 8 * 1024 * 1024;

  @Test
  void whoSentLastWaitsForTheOtherToClose() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      CompletableFuture<Integer> reading =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  int n = link.acceptor().acceptUni().readAll(SIZE).length;
                  link.acceptor().close(9, "got it");
                  return n;
                } catch (java.io.IOException e) {
                  return -1;
                }
              });
      SendStream out = link.dialler().openUni();
      out.write(new byte[SIZE]);
      out.finish();
      assertThat(link.dialler().awaitPeerClose(Duration.ofSeconds(20)))
          .contains(new CloseReason.ByPeer(9, "got it"));
      link.dialler().close();
      assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(SIZE);
    }
  }

  /** A handler that returns after its last write has not lost it. */
  @Test
  void theRouterWaitsForThePeerAfterAHandlerHasReturned() throws Exception {
    try (Pair pair = Pair.bind();
        Router router =
            Router.builder(pair.server)
                .accept(
                    Pair.ALPN,
                    c -> {
                      SendStream out = c.openUni();
                      out.write(new byte[SIZE]);
                      out.finish();
                    })
                .spawn();
        Connection connection = pair.dial()) {
      assertThat(connection.acceptUni().readAll(SIZE)).hasSize(SIZE);
    }
  }

  @Test
  void anOutputStreamThatIsClosedIsFinished() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      try (OutputStream out = link.dialler().openUni().asOutputStream()) {
        out.write("whole".getBytes(US_ASCII));
      }
      RecvStream in = link.acceptor().acceptUni();
      assertThat(new String(in.readAll(10), US_ASCII)).isEqualTo("whole");
    }
  }

  /** A stream that was finished when its connection died: the loss is told, not left open. */
  @Test
  void aFinishedStreamWhoseConnectionDiesIsLost() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      SendStream asked = link.dialler().openUni();
      SendStream later = link.dialler().openUni();
      CompletableFuture<SendStream.End> end = asked.ended();
      asked.write(new byte[100]);
      later.write(new byte[100]);
      CompletableFuture<Void> finished = new CompletableFuture<>();
      link.dialler()
          .quic()
          .channel()
          .eventLoop()
          .execute(
              () -> {
                try {
                  asked.finish();
                  later.finish();
                } catch (PeerException e) {
                  finished.completeExceptionally(e);
                }
                // Before any acknowledgement can have come.
                link.dialler().close(1, "at once");
                finished.complete(null);
              });
      finished.get(10, TimeUnit.SECONDS);
      assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
      assertThat(later.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
      pair.client.close();
      assertThat(later.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
    }
  }

  /** Stop accepting, tell the handlers, then close the connections. */
  @Test
  void handlersAreToldBeforeTheirConnectionsAreClosed() throws Exception {
    List<String> order = new CopyOnWriteArrayList<>();
    Alpn alpn = Alpn.of("order/1");
    try (Pair pair = Pair.bind()) {
      CompletableFuture<Connection> served = new CompletableFuture<>();
      Router.builder(pair.server)
          .accept(
              alpn,
              new ProtocolHandler() {
                @Override
                public void accept(Connection connection) {
                  connection.closed().thenAccept(r -> order.add("closed"));
                  served.complete(connection);
                  connection.awaitPeerClose(Pair.SOON);
                }

                @Override
                public void shutdown(Duration limit) {
                  order.add("shutdown");
                  Connection connection = served.getNow(null);
                  try {
                    SendStream last = connection.openUni();
                    last.write("bye".getBytes(US_ASCII));
                    last.finish();
                    last.ended().get(limit.toMillis(), TimeUnit.MILLISECONDS);
                  } catch (Exception e) {
                    order.add(e.toString());
                  }
                }
              })
          .spawn();
      Connection client = pair.client.connect(pair.server.addr(), alpn);
      served.get(10, TimeUnit.SECONDS);
      CompletableFuture<Void> closing = CompletableFuture.runAsync(pair.server::close);
      assertThat(new String(client.acceptUni().readAll(10), US_ASCII)).isEqualTo("bye");
      closing.get(10, TimeUnit.SECONDS);
      Await.until("closed", Pair.SOON, () -> order.contains("closed"));
      assertThat(order).containsExactly("shutdown", "closed");
    }
  }

  @Test
  void afterTheEndAConnectionStillSaysWhoItWas() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      link.acceptor().close(3, "over");
      assertThat(link.dialler().awaitPeerClose(Pair.SOON)).isPresent();
      Await.until("closed", Pair.SOON, () -> link.acceptor().closed().isDone());
      for (int round = 0; round < 2; round++) {
        assertThat(link.dialler().remoteId()).isEqualTo(pair.server.id());
        assertThat(link.acceptor().remoteId()).isEqualTo(pair.client.id());
        assertThat(link.dialler().alpn()).isEqualTo(Pair.ALPN);
        assertThat(link.dialler().closeReason()).contains(new CloseReason.ByPeer(3, "over"));
        assertThat(link.acceptor().stableId()).isPositive();
        assertThat(link.dialler().path()).isNotNull();
        assertThat(link.dialler().stats().get(10, TimeUnit.SECONDS)).isNotNull();
        assertThatThrownBy(() -> link.dialler().openUni())
            .isInstanceOfSatisfying(
                PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED));
        pair.close();
      }
    }
  }
}
