package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.core.netty.NettyConnection;
import dev.warren.core.netty.NettyStreams;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InterruptedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every call that waits: what an interrupt does to it, and an event loop that calls it. */
class BlockingCallsTest {
  private Pair pair;
  private Connection client;
  private Connection server;
  private DatagramSocket silent;
  private final Map<String, Call> calls = new LinkedHashMap<>();

  private interface Call {
    Object run() throws Exception;
  }

  /** Each of them waits for something that does not come. */
  @BeforeEach
  void prepare() throws Exception {
    silent = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    NodeAddr nobody =
        NodeAddr.of(SecretKey.generate().nodeId())
            .withIp((InetSocketAddress) silent.getLocalSocketAddress());
    pair =
        Pair.bind(
            Pair.builder().transport(TransportConfig.internet().withMaxStreams(3, 3)),
            Pair.builder().relay(RelayUrl.parse("https://127.0.0.1:9")));
    Pair.Link link = pair.link();
    client = link.dialler();
    server = link.acceptor();
    RecvStream[] in = new RecvStream[3];
    SendStream[] out = new SendStream[3];
    for (int i = 0; i < 3; i++) {
      out[i] = client.openUni();
      out[i].write(new byte[1]);
      in[i] = server.acceptUni();
      in[i].read(new byte[1]);
      client.openBi();
    }
    byte[] large = new byte[64 * 1024 * 1024];
    calls.put("connect", () -> pair.client.connect(nobody, Pair.ALPN));
    calls.put("accept", () -> pair.server.accept());
    calls.put("awaitOnline", () -> run(() -> pair.client.awaitOnline(Duration.ofMinutes(1))));
    calls.put("openBi", () -> client.openBi());
    calls.put("openBi with a limit", () -> client.openBi(Duration.ofMinutes(1)));
    calls.put("openUni", () -> client.openUni());
    calls.put("acceptBi", () -> client.acceptBi());
    calls.put("acceptUni", () -> client.acceptUni());
    calls.put("receiveDatagram", () -> server.receiveDatagram());
    calls.put("receiveDatagram as a buffer", () -> NettyConnection.receiveDatagram(server));
    calls.put("read", () -> in[0].read(new byte[1]));
    calls.put("readAll", () -> in[0].readAll(10));
    calls.put("readFully", () -> run(() -> in[0].readFully(ByteBuffer.allocate(1))));
    calls.put("read of an InputStream", () -> in[0].asInputStream().read());
    calls.put("read of a buffer", () -> NettyStreams.read(in[0]));
    calls.put("write", () -> run(() -> out[1].write(large)));
    calls.put("write of a buffer", () -> writeBuffers(out[2]));
  }

  @AfterEach
  void close() {
    pair.close();
    silent.close();
  }

  private interface Step {
    void run() throws Exception;
  }

  private static Object run(Step step) throws Exception {
    step.run();
    return "done";
  }

  private static Object writeBuffers(SendStream out) throws Exception {
    for (; ; ) {
      NettyStreams.write(out, Unpooled.directBuffer(1 << 16).writeZero(1 << 16));
    }
  }

  private record Outcome(Throwable failure, boolean flag) {}

  @Test
  void anInterruptAbortsItAndKeepsTheFlag() throws Exception {
    for (Map.Entry<String, Call> call : calls.entrySet()) {
      CompletableFuture<Outcome> outcome = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  Object result = call.getValue().run();
                  outcome.complete(new Outcome(new AssertionError("returned " + result), false));
                } catch (Throwable e) {
                  outcome.complete(new Outcome(e, Thread.currentThread().isInterrupted()));
                }
              });
      thread.start();
      Await.until(
          call.getKey() + " waits",
          Pair.SOON,
          () ->
              thread.getState() == Thread.State.WAITING
                  || thread.getState() == Thread.State.TIMED_WAITING);
      thread.interrupt();
      Outcome got = outcome.get(5, TimeUnit.SECONDS);
      assertThat(got.failure()).as(call.getKey()).isInstanceOf(InterruptedIOException.class);
      assertThat(got.flag()).as(call.getKey() + ": the flag").isTrue();
    }
    // What was interrupted is aborted: nobody waits in its place, and half a write is no message.
    assertThat(pair.client.isClosed()).isFalse();
    client.sendDatagram(ByteBuffer.allocate(3));
    CompletableFuture<byte[]> datagram = server.receiveDatagramAsync();
    for (int i = 0; i < 50 && !datagram.isDone(); i++) {
      client.sendDatagram(ByteBuffer.allocate(3));
      client.stats().get(10, TimeUnit.SECONDS);
    }
    assertThat(datagram.get(10, TimeUnit.SECONDS)).hasSize(3);
  }

  @Test
  void anInterruptedWriteResetsTheStream() throws Exception {
    CompletableFuture<RecvStream.End> end = new CompletableFuture<>();
    SendStream out = server.openUni();
    Thread writer =
        new Thread(
            () -> {
              try {
                out.write(new byte[64 * 1024 * 1024]);
              } catch (java.io.IOException interrupted) {
                return;
              }
            });
    writer.start();
    RecvStream in = client.acceptUni();
    assertThat(in.read(new byte[1])).isOne();
    Await.until("it waits", Pair.SOON, () -> writer.getState() == Thread.State.WAITING);
    writer.interrupt();
    in.ended().thenAccept(end::complete);
    assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(RecvStream.End.RESET);
  }

  /** It would wait for itself: an error at once, not a dead-lock. */
  @Test
  void onAnEventLoopItFailsAtOnce() throws Exception {
    List<ByteBuf> owned = new ArrayList<>();
    SendStream out = server.openUni();
    calls.put(
        "write of a buffer",
        () -> {
          ByteBuf data = Unpooled.directBuffer(10).writeZero(10);
          owned.add(data);
          return run(() -> NettyStreams.write(out, data));
        });
    calls.put("awaitPeerClose", () -> client.awaitPeerClose(Duration.ofMinutes(1)));
    for (Map.Entry<String, Call> call : calls.entrySet()) {
      CompletableFuture<Throwable> failure = new CompletableFuture<>();
      client
          .quic()
          .channel()
          .eventLoop()
          .execute(
              () -> {
                try {
                  Object result = call.getValue().run();
                  failure.complete(new AssertionError("returned " + result));
                } catch (Throwable e) {
                  failure.complete(e);
                }
              });
      assertThat(failure.get(5, TimeUnit.SECONDS))
          .as(call.getKey())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("event loop");
    }
    assertThat(owned).allSatisfy(data -> assertThat(data.refCnt()).isZero());
  }
}
