package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.core.EndpointHooks.ConnectionInfo;
import dev.warren.core.EndpointHooks.Verdict;
import dev.warren.testlab.Await;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Vetoes of an application, before a dial and after a handshake. */
class HooksTest {
  private static EndpointHooks after(Function<ConnectionInfo, Verdict> hook) {
    return new EndpointHooks() {
      @Override
      public Verdict afterHandshake(ConnectionInfo connection) {
        return hook.apply(connection);
      }
    };
  }

  private static EndpointHooks before(Function<NodeAddr, Verdict> hook) {
    return new EndpointHooks() {
      @Override
      public Verdict beforeConnect(NodeAddr addr, Alpn alpn) {
        return hook.apply(addr);
      }
    };
  }

  private static void assertRefused(Pair pair, String text) {
    assertThatThrownBy(pair::dial)
        .isInstanceOfSatisfying(
            PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
        .hasMessageContaining(text);
  }

  @Test
  void hooksThatAcceptAreAskedOnBothSidesOffTheEventLoops() throws Exception {
    List<ConnectionInfo> seen = new CopyOnWriteArrayList<>();
    List<Object> loops = new CopyOnWriteArrayList<>();
    EndpointHooks hook =
        after(
            c -> {
              seen.add(c);
              if (ThreadExecutorMap.currentExecutor() != null) {
                loops.add(Thread.currentThread());
              }
              return Verdict.accept();
            });
    try (Pair pair = Pair.bind(Pair.builder().hooks(hook), Pair.builder().hooks(hook))) {
      pair.link();
      assertThat(seen)
          .containsExactlyInAnyOrder(
              new ConnectionInfo(pair.server.id(), Pair.ALPN, true),
              new ConnectionInfo(pair.client.id(), Pair.ALPN, false));
      assertThat(loops).isEmpty();
    }
  }

  @Test
  void aDialRejectedBeforehandSendsNothing() throws Exception {
    try (Pair pair =
        Pair.bind(
            Pair.builder(), Pair.builder().hooks(before(a -> Verdict.reject(3, "not that one"))))) {
      assertRefused(pair, "not that one");
      assertThat(pair.client.metrics().get("socket.send_udp")).isZero();
    }
  }

  @Test
  void aDiallersVetoAfterTheHandshakeReachesBothSides() throws Exception {
    try (Pair pair =
        Pair.bind(
            Pair.builder(),
            Pair.builder().hooks(after(c -> Verdict.reject(4, "second thoughts"))))) {
      assertRefused(pair, "second thoughts");
      // The close may overtake the end of the handshake; then the acceptor never had a connection.
      EndpointMetrics client = pair.client.metrics();
      assertThat(client.get("connections.opened")).isOne();
      Await.until(
          "both sides closed",
          Pair.SOON,
          () ->
              pair.client.metrics().get("connections.closed") == 1
                  && pair.server.metrics().get("connections.closed")
                      == pair.server.metrics().get("connections.opened"));
    }
  }

  @Test
  void anAcceptorsVetoKeepsTheConnectionFromTheApplication() throws Exception {
    try (Pair pair =
        Pair.bind(Pair.builder().hooks(after(c -> Verdict.reject(5, "go away"))), Pair.builder())) {
      Connection connection = pair.dial();
      assertThat(connection.awaitPeerClose(Pair.SOON))
          .contains(new CloseReason.ByPeer(5, "go away"));
      CompletableFuture<Boolean> accepted =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return pair.server.accept().isPresent();
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      pair.server.close();
      assertThat(accepted.get(10, TimeUnit.SECONDS)).isFalse();
    }
  }

  /** Who cannot say yes has not said yes. */
  @Test
  void hooksThatThrowOrKnowNoAnswerReject() throws Exception {
    List<Function<Object, Verdict>> broken =
        List.of(
            o -> {
              throw new IllegalStateException("broken hook");
            },
            o -> null);
    for (Function<Object, Verdict> hook : broken) {
      try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().hooks(before(hook::apply)))) {
        assertRefused(pair, "hook failed");
        assertThatThrownBy(
                () ->
                    pair.client
                        .connectAsync(pair.server.addr(), Pair.ALPN, ConnectOptions.DEFAULT)
                        .get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(PeerException.class);
      }
      try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().hooks(after(hook::apply)))) {
        assertRefused(pair, "hook failed");
      }
      try (Pair pair = Pair.bind(Pair.builder().hooks(after(hook::apply)), Pair.builder())) {
        assertThat(pair.dial().awaitPeerClose(Pair.SOON)).isPresent();
      }
    }
  }

  /** A connection that becomes ready for a caller who has cancelled belongs to nobody. */
  @Test
  void aDialCancelledWhileAHookThinksLeavesNoConnection() throws Exception {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> answer = new CompletableFuture<>();
    EndpointHooks slow =
        after(
            c -> {
              asked.complete(null);
              answer.join();
              return Verdict.accept();
            });
    try (Pair pair = Pair.bind(Pair.builder(), Pair.builder().hooks(slow))) {
      CompletableFuture<Connection> dial =
          pair.client.connectAsync(pair.server.addr(), Pair.ALPN, ConnectOptions.DEFAULT);
      asked.get(10, TimeUnit.SECONDS);
      dial.cancel(true);
      answer.complete(null);
      Await.until(
          "the connection is closed",
          Pair.SOON,
          () -> pair.client.metrics().get("connections.closed") == 1);
    }
  }
}
