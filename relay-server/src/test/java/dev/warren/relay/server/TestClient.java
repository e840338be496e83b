package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.RelayClient;
import dev.warren.relay.client.RelayClientBuilder;
import dev.warren.relay.client.RelayListener;
import dev.warren.relay.client.RelayTrust;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A {@link RelayClient} with a loop of its own that remembers what came. */
final class TestClient implements AutoCloseable {
  record Received(NodeId from, String data, int segmentSize) {}

  final SecretKey key;
  final RelayClient client;
  final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  final List<NodeId> gone = new CopyOnWriteArrayList<>();
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();

  TestClient(RelayUrl relay, SecretKey key, @Nullable RelayTrust trust) {
    this(builder -> trust == null ? builder : builder.trust(trust), relay, key);
  }

  TestClient(UnaryOperator<RelayClientBuilder> options, RelayUrl relay, SecretKey key) {
    this.key = key;
    RelayListener listener =
        new RelayListener() {
          @Override
          public void onDatagrams(NodeId source, ByteBuf data, int segmentSize) {
            received.add(
                new Received(source, new String(ByteBufUtil.getBytes(data), UTF_8), segmentSize));
            data.release();
          }

          @Override
          public void onPeerGone(NodeId id) {
            gone.add(id);
          }
        };
    RelayClientBuilder builder = RelayClient.builder(relay, key, loop).listener(listener);
    client = options.apply(builder).start();
  }

  static TestClient connected(RelayServer relay) {
    return new TestClient(relay.url(), SecretKey.generate(), null).online();
  }

  TestClient online() {
    Await.until("a connected client", Duration.ofSeconds(10), client::isConnected);
    return this;
  }

  NodeId id() {
    return key.nodeId();
  }

  void send(NodeId to, String text, int segmentSize) {
    loop.execute(
        () -> {
          client.send(to, Unpooled.copiedBuffer(text, UTF_8), segmentSize);
          client.flush();
        });
  }

  @Nullable Received next() throws InterruptedException {
    return received.poll(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    client.close();
    client.closed().orTimeout(5, TimeUnit.SECONDS).join();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }
}
