package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.core.EndpointHooks.Verdict;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An executor that takes no more must not leave anybody waiting. */
class RejectingExecutorTest {
  private static ExecutorService shutDown() {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    executor.shutdown();
    return executor;
  }

  @Test
  void dialsHooksAndReadsEndAllTheSame() throws Exception {
    EndpointHooks friendly =
        new EndpointHooks() {
          @Override
          public Verdict beforeConnect(NodeAddr addr, Alpn alpn) {
            return Verdict.accept();
          }

          @Override
          public Verdict afterHandshake(ConnectionInfo info) {
            return Verdict.accept();
          }
        };
    try (Pair pair =
        Pair.bind(
            Pair.builder().executor(shutDown()).hooks(friendly),
            Pair.builder().executor(shutDown()).hooks(friendly))) {
      Connection client =
          pair.client
              .connectAsync(pair.server.addr(), Pair.ALPN, ConnectOptions.DEFAULT)
              .get(10, TimeUnit.SECONDS);
      Connection server =
          pair.server.acceptAsync().get(10, TimeUnit.SECONDS).orElseThrow().accept();
      SendStream out = client.openUniAsync().get(10, TimeUnit.SECONDS);
      out.write(new byte[] {1});
      RecvStream in = server.acceptUniAsync().get(10, TimeUnit.SECONDS);
      assertThat(in.readAsync(ByteBuffer.allocate(10)).get(10, TimeUnit.SECONDS)).isEqualTo(1);
      CompletableFuture<Integer> next = in.readAsync(ByteBuffer.allocate(10));
      out.write(new byte[] {2});
      assertThat(next.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }
}
