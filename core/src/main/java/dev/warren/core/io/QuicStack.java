package dev.warren.core.io;

import dev.warren.base.Alpn;
import dev.warren.base.CloseReason;
import dev.warren.base.NodeId;
import dev.warren.base.PeerConnectException;
import dev.warren.base.PeerException;
import dev.warren.core.logic.QuicSettings;
import dev.warren.core.wire.ConnectionIds;
import dev.warren.magicsock.DatagramReceiver;
import dev.warren.magicsock.Peer;
import dev.warren.magicsock.PeerAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QLogConfiguration;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelBootstrap;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * QUIC over a magic socket: the shards with their codecs, the demultiplexer, and dialling.
 *
 * <p>Built as netty-quic-notes section 0 recommends: two virtual parent channels a shard, packets
 * told apart by connection id, one constant synthetic address per peer on either end, so that
 * quiche never sees a path change. Public methods are for any thread.
 */
public final class QuicStack {
  private static final Logger LOG = LoggerFactory.getLogger(QuicStack.class);

  /** Segments of one GSO send: 40 beats 16 and 64 (netty-quic-notes section 5, T2). */
  private static final int SEGMENTS = 40;

  /** Every connection's upkeep happens on one common tick: wake-ups cost most (section 6). */
  private static final Duration TICK = Duration.ofSeconds(4);

  private static final AttributeKey<QuicConnection> CONNECTION =
      AttributeKey.valueOf(QuicStack.class, "connection");

  /** What a stack is made of. */
  public record Config(
      QuicSettings settings,
      TlsContexts tls,
      List<EventLoop> loops,
      Executor callbacks,
      Executor tlsTasks,
      @Nullable IncomingGate gate,
      @Nullable Path qlog,
      Consumer<QuicConnection> onIncoming) {}

  private final Config config;
  private final QuicCounters counters = new QuicCounters();
  private final HandshakePressure pressure;
  private final ConnectFailures failures = new ConnectFailures();
  private final OfferMemory offers = new OfferMemory();
  private final SecureRandom random = new SecureRandom();
  private final QuicShard[] shards;
  private final QuicDemux demux;
  private final EventLoop socketLoop;
  private final AtomicInteger nextShard = new AtomicInteger();
  private final List<ScheduledFuture<?>> ticks = new ArrayList<>();
  private volatile boolean closing;

  /** The first loop of the configuration is the socket loop. */
  public QuicStack(Config config) {
    this.config = config;
    this.pressure = new HandshakePressure(config.gate(), counters.handshakesHeldOff);
    this.socketLoop = config.loops().get(0);
    int n = Math.min(config.loops().size(), ConnectionIds.MAX_SHARDS);
    this.shards = new QuicShard[n];
    for (int i = 0; i < n; i++) {
      shards[i] = new QuicShard(i, config.loops().get(i), socketLoop, counters);
    }
    this.demux = new QuicDemux(shards, counters);
  }

  /** Registers the virtual channels; waits. Before the magic socket delivers anything. */
  public void start() throws InterruptedException {
    for (QuicShard shard : shards) {
      shard.server().start(serverCodec(shard), pressure);
      shard.client().start(clientCodec(), null);
      ticks.add(
          shard
              .loop()
              .scheduleWithFixedDelay(
                  () -> tick(shard), TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  private void tick(QuicShard shard) {
    long half = config.settings().idleTimeout().toMillis() / 2;
    int silent = (int) Math.max(1, half / TICK.toMillis() - 1);
    shard.closed().expire(System.nanoTime());
    for (QuicConnection connection : shard.connections()) {
      try {
        connection.tick(silent);
      } catch (RuntimeException e) {
        // Netty ends a periodic task that throws: no connection must cost the others theirs.
        LOG.debug("upkeep", e);
      }
    }
  }

  /** What the magic socket delivers to. */
  public DatagramReceiver receiver() {
    return demux;
  }

  // ---- codecs ----

  private ChannelHandler serverCodec(QuicShard shard) {
    QuicServerCodecBuilder builder = new QuicServerCodecBuilder();
    Executor tasks = onLoopTasks();
    // Where a filter may refuse, a handshake could be through before its refusal, which waits in
    // the
    // loop's queue by then: so its tasks queue up behind that.
    transport(builder, config.gate() == null ? tasks : behind(shard.loop(), tasks));
    return builder
        .sslEngineProvider(ch -> config.tls().serverEngine(ch.alloc()))
        .connectionIdAddressGenerator(ids(shard))
        .tokenHandler(
            new RetryTokens(
                () -> shard.server().admission() == IncomingGate.Decision.RETRY,
                () -> System.nanoTime() / 1_000_000_000L,
                counters.incomingRetried))
        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, SEGMENTED)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel channel) {
                accepted(shard, channel);
              }
            })
        .streamHandler(new StreamInitializer())
        .build();
  }

  private ChannelHandler clientCodec() {
    QuicClientCodecBuilder builder = new QuicClientCodecBuilder();
    transport(builder, onLoopTasks());
    return builder
        .sslEngineProvider(
            ch -> {
              QuicConnection connection = ch.attr(CONNECTION).get();
              Handshake handshake = connection.handshake();
              return config
                  .tls()
                  .clientEngine(
                      ch.alloc(),
                      connection.remoteId(),
                      handshake.offered().orElseThrow(),
                      handshake.x509Only());
            })
        .build();
  }

  private static Executor behind(EventExecutor loop, Executor tasks) {
    return task -> {
      try {
        loop.execute(() -> tasks.execute(task));
      } catch (RejectedExecutionException closing) {
        LOG.debug("a handshake ends with its endpoint");
      }
    };
  }

  private Executor onLoopTasks() {
    return new TlsTasks(config.tlsTasks(), System::nanoTime);
  }

  private void transport(QuicCodecBuilder<?> builder, Executor tasks) {
    QuicSettings s = config.settings();
    builder
        .sslTaskExecutor(tasks)
        .localConnectionIdLength(ConnectionIds.LENGTH)
        .maxIdleTimeout(s.idleTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .initialMaxData(s.connectionWindow())
        .initialMaxStreamDataBidirectionalLocal(s.streamWindow())
        .initialMaxStreamDataBidirectionalRemote(s.streamWindow())
        .initialMaxStreamDataUnidirectional(s.streamWindow())
        .initialMaxStreamsBidirectional(s.maxBidiStreams())
        .initialMaxStreamsUnidirectional(s.maxUniStreams())
        // 1472 as iroh announces; what arrives may be larger than what we send.
        .maxRecvUdpPayloadSize(Math.max(1472, s.maxUdpPayload()))
        .maxSendUdpPayloadSize(s.maxUdpPayload())
        .discoverPmtu(s.discoverMtu())
        .activeMigration(false)
        .congestionControlAlgorithm(
            switch (s.congestion()) {
              case RENO -> QuicCongestionControlAlgorithm.RENO;
              case CUBIC -> QuicCongestionControlAlgorithm.CUBIC;
              case BBR -> QuicCongestionControlAlgorithm.BBR;
            })
        .datagram(s.datagramQueue(), s.datagramQueue());
  }

  private static final SegmentedDatagramPacketAllocator SEGMENTED =
      new SegmentedDatagramPacketAllocator() {
        @Override
        public int maxNumSegments() {
          return SEGMENTS;
        }

        @Override
        public io.netty.channel.socket.DatagramPacket newPacket(
            io.netty.buffer.ByteBuf buffer, int segmentSize, InetSocketAddress remote) {
          return new SegmentedDatagramPacket(buffer, segmentSize, remote);
        }
      };

  private QuicConnectionIdGenerator ids(QuicShard shard) {
    return new QuicConnectionIdGenerator() {
      @Override
      public ByteBuffer newId(int length) {
        return ByteBuffer.wrap(ConnectionIds.next(random, false, shard.index()));
      }

      @Override
      public ByteBuffer newId(ByteBuffer input, int length) {
        return newId(length);
      }

      @Override
      public int maxConnectionIdLength() {
        return ConnectionIds.LENGTH;
      }

      @Override
      public boolean isIdempotent() {
        return false;
      }
    };
  }

  /** Gives every inbound stream of a connection its handler. Stateless, shared. */
  @ChannelHandler.Sharable
  private static final class StreamInitializer extends ChannelInitializer<QuicStreamChannel> {
    @Override
    protected void initChannel(QuicStreamChannel stream) {
      StreamOptions.apply(stream);
      stream.parent().attr(CONNECTION).get().streams().accept(stream);
    }
  }

  // ---- accepting ----

  private void accepted(QuicShard shard, QuicChannel channel) {
    PeerAddress from = (PeerAddress) channel.remoteSocketAddress();
    QuicConnection connection = new QuicConnection(this, shard, false, from, null, null, false);
    channel.attr(CONNECTION).set(connection);
    pressure.begun();
    connection.ready().whenComplete((done, e) -> pressure.ended());
    channel.pipeline().addLast(connection);
    if (!config.tls().accepting()) {
      counters.incomingRefused.increment(); // TLS says so: no protocol in common
    } else if (shard.server().admission() == IncomingGate.Decision.REFUSE) {
      counters.incomingRefused.increment();
      shard.loop().execute(() -> connection.refuse());
    }
  }

  void onIncoming(QuicConnection connection) {
    config.onIncoming().accept(connection);
  }

  /** A connection that began with a stranger's address has proved who it is. */
  void identified(QuicConnection connection, NodeId id) {
    byte[] local = connection.localId();
    if (local != null && local.length == ConnectionIds.LENGTH) {
      long key = ConnectionIds.key(local);
      onSocketLoop(() -> demux.alias(key, connection.address()));
    }
    connection.peer().identify(id);
  }

  void forgotten(QuicConnection connection) {
    byte[] local = connection.localId();
    if (local != null && local.length == ConnectionIds.LENGTH) {
      long key = ConnectionIds.key(local);
      connection.shard().clientClosed(local);
      onSocketLoop(() -> demux.unalias(key));
    }
  }

  private void onSocketLoop(Runnable task) {
    if (socketLoop.inEventLoop()) {
      task.run();
    } else if (!socketLoop.isShuttingDown()) {
      socketLoop.execute(task);
    }
  }

  // ---- dialling ----

  /**
   * Starts a connection to {@code id} over {@code peer}. The futures {@code early} and {@code
   * ready} of the result tell how it went; {@code limit} bounds both. {@code owner} is not garbage
   * while the connection lives.
   */
  public Dial dial(Peer peer, NodeId id, Alpn alpn, Duration limit, Object owner) {
    Dial dial = new Dial(this, peer, id, alpn, limit, owner);
    dial.start();
    return dial;
  }

  /** One attempt of a dial. */
  QuicConnection connect(Peer peer, NodeId id, Alpn alpn, Duration limit, boolean x509Only) {
    QuicShard shard = shards[Math.floorMod(nextShard.getAndIncrement(), shards.length)];
    QuicConnection connection =
        new QuicConnection(this, shard, true, peer.syntheticAddress(), id, alpn, x509Only);
    if (closing) {
      connection.fail(
          new PeerConnectException(
              PeerException.Kind.CLOSED, id, "the endpoint is closed; bind a new one"));
      return connection;
    }
    shard.loop().execute(() -> dial(shard, connection, limit));
    return connection;
  }

  private void dial(QuicShard shard, QuicConnection connection, Duration limit) {
    byte[] local = ConnectionIds.next(random, true, shard.index());
    shard.clientOpened(local);
    connection.localId(local);
    // Until it is known who answers, the answer may come from an address that belongs to another.
    long key = ConnectionIds.key(local);
    onSocketLoop(() -> demux.alias(key, connection.address()));
    connection.ready().whenComplete((c, e) -> onSocketLoop(() -> demux.answered(key)));
    QuicChannelBootstrap bootstrap =
        QuicChannel.newBootstrap(shard.client().channel())
            .handler(connection)
            .streamHandler(new StreamInitializer())
            .attr(CONNECTION, connection)
            .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, SEGMENTED)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
            .localAddress(QuicSide.LOCAL)
            .remoteAddress(connection.address())
            .localConnectionAddress(new QuicConnectionAddress(local));
    if (config.qlog() != null) {
      bootstrap.option(QuicChannelOption.QLOG, qlog("client", connection.remoteId()));
    }
    ScheduledFuture<?> timeout =
        shard
            .loop()
            .schedule(() -> timedOut(connection, limit), limit.toMillis(), TimeUnit.MILLISECONDS);
    connection.ready().whenComplete((c, e) -> timeout.cancel(false));
    bootstrap
        .connect()
        .addListener(
            f -> {
              if (!f.isSuccess()) {
                connection.connectFailed(f.cause());
              }
            });
  }

  private void timedOut(QuicConnection connection, Duration limit) {
    PeerException failure =
        failures.timeout(connection.remoteId(), limit, connection.peer().describeAttempts());
    connection.fail(failure);
    connection.abort();
  }

  private QLogConfiguration qlog(String side, NodeId peer) {
    String name = side + "-" + peer.toShortString() + "-" + System.nanoTime() + ".sqlog";
    return new QLogConfiguration(
        String.valueOf(config.qlog().resolve(name)), "warren " + side, peer.toString());
  }

  // ---- end ----

  /** Closes every connection and stops accepting; completes when all are gone. */
  public CompletableFuture<Void> close(long code, String text) {
    closing = true;
    List<CompletableFuture<?>> ends = new ArrayList<>();
    for (QuicShard shard : shards) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      ends.add(end);
      try {
        shard.loop().execute(() -> close(shard, code, text, end));
      } catch (RuntimeException loopIsGone) {
        end.complete(null);
      }
    }
    return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
  }

  private void close(QuicShard shard, long code, String text, CompletableFuture<Void> end) {
    List<CompletableFuture<CloseReason>> closed = new ArrayList<>();
    for (QuicConnection connection : List.copyOf(shard.connections())) {
      connection.closeForEndpoint(code, text);
      if (!connection.draining()) {
        closed.add(connection.closed());
      }
    }
    CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new))
        .whenComplete((v, e) -> end.complete(null));
  }

  /** Frees the virtual channels and the native state of whatever did not close in time; waits. */
  public void terminate() {
    ticks.forEach(t -> t.cancel(false));
    for (QuicShard shard : shards) {
      for (Channel side : List.of(shard.server().channel(), shard.client().channel())) {
        if (side.isRegistered() && !shard.loop().isShutdown()) {
          side.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
      }
    }
    LOG.debug("QUIC stack ended");
  }

  boolean isClosing() {
    return closing;
  }

  QuicSettings settings() {
    return config.settings();
  }

  TlsContexts tls() {
    return config.tls();
  }

  public QuicCounters counters() {
    return counters;
  }

  OfferMemory offers() {
    return offers;
  }

  ConnectFailures failures() {
    return failures;
  }

  Executor callbacks() {
    return config.callbacks();
  }
}
