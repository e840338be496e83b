package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeAddr;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Watcher;
import dev.warren.relay.server.RelayServer;
import dev.warren.testlab.Await;
import io.netty.util.internal.ThreadExecutorMap;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The application's code may block; an event loop may not. So they never meet. */
class CallbackThreadsTest {
  private static final List<String> FUTURES =
      List.of(
          "beforeConnect",
          "afterHandshake",
          "handler",
          "connectAsync",
          "closed",
          "peer's closed",
          "acceptBiAsync",
          "acceptUniAsync that fails",
          "receiveDatagramAsync",
          "receiveDatagramAsync that fails",
          "openBiAsync",
          "readAsync",
          "writeAsync",
          "send ended",
          "recv ended",
          "stats");

  private final Map<String, Boolean> ranOnLoop = new ConcurrentHashMap<>();

  private void ran(String what) {
    ranOnLoop.merge(what, ThreadExecutorMap.currentExecutor() != null, Boolean::logicalOr);
  }

  private void note(String what, CompletableFuture<?> future) {
    future.whenComplete((value, failure) -> ran(what));
  }

  @Test
  void noHandlerHookListenerOrCompletionRunsOnAnEventLoop() throws Exception {
    EndpointHooks hooks =
        new EndpointHooks() {
          @Override
          public Verdict beforeConnect(dev.warren.base.NodeAddr addr, dev.warren.base.Alpn alpn) {
            ran("beforeConnect");
            return Verdict.accept();
          }

          @Override
          public Verdict afterHandshake(ConnectionInfo connection) {
            ran("afterHandshake");
            return Verdict.accept();
          }
        };
    try (Pair pair = Pair.bind(Pair.builder().hooks(hooks), Pair.builder().hooks(hooks))) {
      CompletableFuture<Connection> served = new CompletableFuture<>();
      Router.builder(pair.server)
          .accept(
              Pair.ALPN,
              c -> {
                ran("handler");
                served.complete(c);
                c.awaitPeerClose(Pair.SOON);
              })
          .spawn();
      CompletableFuture<Connection> dial =
          pair.client.connectAsync(pair.server.addr(), Pair.ALPN, ConnectOptions.DEFAULT);
      note("connectAsync", dial);
      Connection client = dial.get();
      Connection server = served.get();
      note("closed", client.closed());
      note("peer's closed", server.closed());
      note("acceptBiAsync", server.acceptBiAsync());
      note("receiveDatagramAsync", server.receiveDatagramAsync());
      note("receiveDatagramAsync that fails", client.receiveDatagramAsync());
      note("acceptUniAsync that fails", client.acceptUniAsync());
      CompletableFuture<BiStream> opening = client.openBiAsync();
      note("openBiAsync", opening);
      BiStream stream = opening.get();
      note("readAsync", stream.recv().readAsync(ByteBuffer.allocate(1)));
      note("writeAsync", stream.send().writeAsync(ByteBuffer.allocate(1 << 20)));
      note("send ended", stream.send().ended());
      note("recv ended", stream.recv().ended());
      note("stats", client.stats());
      for (int i = 0; i < 50 && !ranOnLoop.containsKey("receiveDatagramAsync"); i++) {
        client.sendDatagram(ByteBuffer.allocate(3));
        client.stats().get();
      }
      client.close();
      for (String what : FUTURES) {
        Await.until(what, Pair.SOON, () -> ranOnLoop.containsKey(what));
      }
      assertThat(ranOnLoop).doesNotContainValue(true);
    }
  }

  @Test
  void pathsAreWatchedOffTheEventLoopsToo() throws Exception {
    try (RelayServer relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
        Endpoint server = Pair.builder().relay(relay.url()).bind();
        Endpoint client = Pair.builder().relay(relay.url()).bind()) {
      server.awaitOnline(Pair.SOON);
      server.watchAddr().onChange(a -> ran("watchAddr"));
      client.homeRelay().onChange(s -> ran("homeRelay"));
      NodeAddr overRelay = NodeAddr.of(server.id()).withRelay(relay.url());
      Connection connection = client.connect(overRelay, Pair.ALPN);
      Watcher<PathInfo> path = connection.watchPath();
      path.onChange(p -> ran("watchPath"));
      connection.onPathEvent(e -> ran("onPathEvent"));
      assertThat(path.awaitUntil(PathInfo::isDirect, Pair.SOON).type())
          .isEqualTo(PathInfo.Type.DIRECT);
      assertThat(connection.path().isDirect()).isTrue();
      assertThat(connection.watchPath()).isSameAs(path);
      relay.close();
      Await.until("told of the relay's end", Pair.SOON, () -> ranOnLoop.containsKey("homeRelay"));
      assertThat(ranOnLoop).doesNotContainValue(true);
    }
  }
}
