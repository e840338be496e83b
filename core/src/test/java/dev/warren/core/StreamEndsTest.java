package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.CloseReason;
import dev.warren.base.ConnectionClosedException;
import dev.warren.base.StreamException;
import dev.warren.core.io.StreamCounts;
import dev.warren.core.netty.NettyConnection;
import dev.warren.testlab.Await;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What whoever waits is told when a stream or its connection ends. */
class StreamEndsTest {
  /** More than every window: the rest waits inside the codec. */
  private static final int MUCH = 24 * 1024 * 1024;

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

  private static Throwable failure(CompletableFuture<?> future) throws Exception {
    try {
      future.get(10, TimeUnit.SECONDS);
      throw new AssertionError("it succeeded");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private BiStream withPendingWrite(CompletableFuture<CompletableFuture<Void>> write)
      throws Exception {
    BiStream out = client.openBi();
    out.send().write(new byte[] {1});
    server.acceptBi();
    write.complete(out.send().writeAsync(ByteBuffer.allocateDirect(MUCH)));
    Await.until("it is under way", Pair.SOON, () -> client.stats().join().packetsSent() > 20);
    return out;
  }

  @Test
  void aWriteThatWaitsHearsWithWhatCodeThePeerClosed() throws Exception {
    CompletableFuture<CompletableFuture<Void>> write = new CompletableFuture<>();
    withPendingWrite(write);
    server.close(77, "enough");
    assertThat(failure(write.join()))
        .isInstanceOfSatisfying(
            ConnectionClosedException.class,
            e -> assertThat(e.reason()).isEqualTo(new CloseReason.ByPeer(77, "enough")));
  }

  @Test
  void aWriteThatWaitsEndsWithAResetOfOurOwn() throws Exception {
    CompletableFuture<CompletableFuture<Void>> write = new CompletableFuture<>();
    BiStream out = withPendingWrite(write);
    out.send().reset(5);
    assertThat(failure(write.join())).isInstanceOf(StreamException.class);
  }

  @Test
  void whatWasFinishedIsAcknowledgedThoughThePeerResetsItsDirection() throws Exception {
    BiStream out = client.openBi();
    out.send().write(new byte[] {1});
    out.send().finish();
    CompletableFuture<SendStream.End> ended = out.send().ended();
    BiStream in = server.acceptBi();
    assertThat(in.recv().readAll(10)).hasSize(1);
    in.send().reset(9);
    assertThatThrownBy(() -> out.recv().readAll(10)).isInstanceOf(StreamException.class);
    assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.ACKNOWLEDGED);
  }

  /** Closes its stream at the first sight of anything wrong, as handlers do. */
  @ChannelHandler.Sharable
  private static final class Closing extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ReferenceCountUtil.release(msg);
      ctx.read();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  @Test
  void streamsOfHandlersThatThePeerResetsAreForgotten() throws Exception {
    NettyConnection.accept(server, new Closing());
    for (int i = 0; i < 500; i++) {
      SendStream out = client.openUniAsync().get(10, TimeUnit.SECONDS);
      out.write(new byte[] {1});
      out.reset(3);
    }
    Await.until("all are", Pair.SOON, () -> StreamCounts.codecs(server.quic()) == 0);
  }
}
