package dev.warren.benchmarks;

import dev.warren.base.Alpn;
import dev.warren.base.NodeTicket;
import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Ticket;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.PathInfo;
import dev.warren.core.ProtocolHandler;
import dev.warren.core.Router;
import dev.warren.core.netty.NettyConnection;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Warren with its defaults; on loopback, and either direct or by a relay. */
final class WarrenStack implements Stack {
  private static final Alpn BENCH = Alpn.of("bench");
  private static final Executor THREADS =
      Executors.newCachedThreadPool(
          r -> {
            Thread t = new Thread(r, "bench");
            t.setDaemon(true);
            return t;
          });

  private final Endpoint endpoint;
  private final boolean relayed;
  private final boolean blocking;
  private Router router;

  /**
   * @param options a relay URL, to use only that
   * @param blocking byte arrays and blocking calls instead of the handlers that {@link BareStack}
   *     uses too
   */
  WarrenStack(List<String> options, boolean blocking) throws Exception {
    this.blocking = blocking;
    this.relayed = !options.isEmpty();
    EndpointBuilder builder =
        Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).resumption(false);
    if (relayed) {
      builder.relay(RelayUrl.parse(options.get(0))).directEnabled(false);
    }
    endpoint = builder.bind();
    if (relayed) {
      endpoint.awaitOnline(Duration.ofSeconds(10));
    }
  }

  @Override
  public String serve() {
    ProtocolHandler handler =
        blocking ? WarrenStack::serveBlocking : ProtocolHandler.asynchronous(WarrenStack::serve);
    router = Router.builder(endpoint).accept(BENCH, handler).spawn();
    return NodeTicket.of(endpoint.addr()).toString();
  }

  private static CompletionStage<?> serve(Connection connection) {
    NettyConnection.accept(connection, new Serving());
    return connection.closed();
  }

  private static void serveBlocking(Connection connection) throws Exception {
    for (; ; ) {
      BiStream stream = connection.acceptBi();
      THREADS.execute(
          () -> {
            try (stream) {
              serveBlocking(stream);
            } catch (Exception ended) {
              // The dialling side tells.
            }
          });
    }
  }

  private static final class Serving extends ChannelInitializer<QuicStreamChannel> {
    @Override
    protected void initChannel(QuicStreamChannel stream) {
      stream.pipeline().addLast(new StreamHandlers.Serving());
    }
  }

  private static void serveBlocking(BiStream stream) throws Exception {
    byte[] chunk = new byte[StreamHandlers.CHUNK];
    ByteBuffer first = ByteBuffer.allocate(1);
    stream.recv().readFully(first);
    byte kind = first.get(0);
    long counted = 0;
    for (int n = stream.recv().read(chunk); n >= 0; n = stream.recv().read(chunk)) {
      counted += n;
      if (kind == StreamHandlers.ECHO) {
        stream.send().write(chunk, 0, n);
      }
    }
    if (kind == StreamHandlers.SINK) {
      stream.send().write(ByteBuffer.allocate(8).putLong(counted).flip());
    }
    stream.send().finish();
  }

  @Override
  public Link dial(String address) throws Exception {
    Connection connection = endpoint.connect(Ticket.parse(address).addr(), BENCH);
    PathInfo.Type wanted = relayed ? PathInfo.Type.RELAY : PathInfo.Type.DIRECT;
    for (int i = 0; i < 5000 && connection.path().type() != wanted; i++) {
      LockSupport.parkNanos(1_000_000);
    }
    if (connection.path().type() != wanted) {
      throw new IllegalStateException("not " + wanted + ": " + connection.path());
    }
    return new WarrenLink(connection, blocking);
  }

  private static final class WarrenLink implements Link {
    private final Connection connection;
    private final boolean blocking;

    WarrenLink(Connection connection, boolean blocking) {
      this.connection = connection;
      this.blocking = blocking;
    }

    @Override
    public void bulk(long bytes, int streams) throws Exception {
      List<CompletableFuture<Long>> counted = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        counted.add(done);
        if (blocking) {
          THREADS.execute(() -> write(bytes, done));
        } else {
          NettyConnection.open(connection, true, new StreamHandlers.Writer(bytes, done)).get();
        }
      }
      for (CompletableFuture<Long> done : counted) {
        StreamHandlers.check(bytes, done.get(10, TimeUnit.MINUTES));
      }
    }

    private void write(long bytes, CompletableFuture<Long> done) {
      try (BiStream stream = connection.openBi()) {
        stream.send().write(new byte[] {StreamHandlers.SINK});
        byte[] chunk = new byte[StreamHandlers.CHUNK];
        for (long left = bytes; left > 0; left -= chunk.length) {
          stream.send().write(chunk, 0, (int) Math.min(left, chunk.length));
        }
        stream.send().finish();
        ByteBuffer counted = ByteBuffer.allocate(8);
        stream.recv().readFully(counted);
        done.complete(counted.getLong(0));
      } catch (Exception e) {
        done.completeExceptionally(e);
      }
    }

    @Override
    public long[] pingPong(int size, int count) throws Exception {
      if (blocking) {
        return pingPongBlocking(size, count);
      }
      CompletableFuture<long[]> done = new CompletableFuture<>();
      NettyConnection.open(connection, true, new StreamHandlers.Pinger(size, count, done));
      return done.get(5, TimeUnit.MINUTES);
    }

    private long[] pingPongBlocking(int size, int count) throws Exception {
      long[] nanos = new long[count];
      byte[] ball = new byte[size];
      try (BiStream stream = connection.openBi()) {
        stream.send().write(new byte[] {StreamHandlers.ECHO});
        for (int i = 0; i < count; i++) {
          long start = System.nanoTime();
          stream.send().write(ball);
          stream.recv().readFully(ByteBuffer.wrap(ball));
          nanos[i] = System.nanoTime() - start;
        }
        stream.send().finish();
      }
      return nanos;
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  @Override
  public void close() {
    if (router != null) {
      router.close();
    }
    endpoint.close();
  }
}
