package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.relay.client.proxy.RelayProxy;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.relay.client.wire.ExporterProof;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.NodeIdCache;
import dev.warren.relay.client.wire.TlsExporter;
import dev.warren.relay.client.wire.UpgradeAnswer;
import dev.warren.relay.client.wire.UpgradeRequest;
import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a relay, from dialling to its end.
 *
 * <pre>
 * TCP --[TLS to the proxy, CONNECT]--[TLS]--> UPGRADE --101--> handshake --> RELAYING
 *  any failure, once: closed
 * </pre>
 *
 * What was negotiated in the upgrade is a {@link Dialect}; nobody outside sees which. Anything
 * unexpected closes the connection. Event loop only.
 */
public final class RelayChannel {
  /** Upstream's limit on one send (relay-protocol section A9). */
  private static final long STUCK_NANOS = 15_000_000_000L;

  /** Senders whose ids are remembered (relay-protocol section B9). */
  private static final int KNOWN_IDS = 128;

  /** Name of the pipeline's last handler. */
  private static final String LAST = "last";

  /** WebSocket close codes (RFC 6455 section 7.4.1). */
  private static final int NORMAL = 1000;

  private static final int GOING_AWAY = 1001;

  /** IANA's registry of close codes: a relay that has no room for us now. */
  private static final int TRY_AGAIN_LATER = 1013;

  /** What happens, on the event loop. After {@link #closed} nothing more does. */
  public interface Events {
    void connected();

    void pong();

    void received();

    void datagrams(NodeId source, ByteBuf data, int segmentSize);

    void readComplete();

    void gone(NodeId id);

    void health(RelayHealth health);

    /** Both in ms, as the relay said. */
    void restarting(long reconnectIn, long tryFor);

    void closed(RelayFailure kind, String cause);
  }

  private final RelayDial dial;
  private final Events events;
  private final String websocketKey;
  private final byte[] pingBytes = new byte[8];
  private final TcpRace race;
  private String stage = "dialling";
  private @Nullable Channel channel;
  private @Nullable FrameWriter writer;
  private @Nullable Dialect dialect;
  private boolean relaying;
  private boolean ended;
  private long unwritableSince;

  private RelayChannel(EventLoop loop, RelayDial dial, Events events) {
    this.dial = dial;
    this.events = events;
    byte[] nonce = new byte[16];
    new SecureRandom().nextBytes(nonce);
    this.websocketKey = Base64.getEncoder().encodeToString(nonce);
    this.race =
        new TcpRace(
            loop,
            dial.addresses(),
            new TcpRace.Outcome() {
              @Override
              public void won(Channel winner) {
                onTcp(winner);
              }

              @Override
              public void lost(String tried) {
                end(RelayFailure.CONNECT, "no connection to " + far() + ": tried " + tried);
              }
            });
  }

  /** Starts connecting; the outcome comes by the events, perhaps before this returns. */
  public static RelayChannel open(EventLoop loop, RelayDial dial, Events events) {
    RelayChannel relay = new RelayChannel(loop, dial, events);
    relay.race.step();
    return relay;
  }

  private String far() {
    return dial.proxy() == null ? dial.url().toString() : "the proxy " + dial.proxy();
  }

  /** What is under way and what was tried, for a dial that takes too long. */
  public String progress() {
    return channel == null
        ? "dialling " + far() + ", tried " + race.progress()
        : stage + " with " + TcpRace.shown(channel.remoteAddress());
  }

  // ---- from TCP to the upgrade ----

  private void onTcp(Channel winner) {
    channel = winner;
    winner.pipeline().addLast(LAST, new Last());
    RelayProxy proxy = dial.proxy();
    if (proxy == null) {
      secure();
    } else if (proxy.isSecure()) {
      stage = "TLS to the proxy";
      handshake(proxy.host(), proxy.port(), RelayFailure.PROXY, () -> tunnel(proxy));
    } else {
      tunnel(proxy);
    }
    winner.config().setAutoRead(true);
  }

  private void add(ChannelHandler handler) {
    Objects.requireNonNull(channel).pipeline().addBefore(LAST, null, handler);
  }

  /** What no handler before it has taken, in whatever stage. */
  private final class Last extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      end(RelayFailure.LOST, "the connection was closed during " + stage);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
      end(RelayFailure.LOST, stage + ": " + Shown.line(String.valueOf(error.getMessage())));
    }
  }

  private void handshake(String host, int port, RelayFailure kind, Runnable then) {
    SslHandler tls = ClientTls.handler(dial.tls(), channel.alloc(), host, port);
    add(tls);
    tls.handshakeFuture()
        .addListener(
            f -> {
              if (ended) {
                return;
              }
              if (f.isSuccess()) {
                then.run();
              } else {
                String why = ClientTls.explain(f.cause(), host);
                end(kind, "TLS: " + why + " (at " + TcpRace.shown(channel.remoteAddress()) + ")");
              }
            });
  }

  private void tunnel(RelayProxy proxy) {
    stage = "CONNECT by the proxy";
    RelayUrl url = dial.url();
    String host = url.host().contains(":") ? "[" + url.host() + "]" : url.host();
    ProxyTunnel tunnel =
        new ProxyTunnel(
            proxy,
            host + ":" + url.port(),
            new ProxyTunnel.Outcome() {
              @Override
              public void open() {
                secure();
              }

              @Override
              public void refused(String why) {
                end(RelayFailure.PROXY, "the proxy " + proxy + " opened no tunnel: " + why);
              }
            });
    add(tunnel);
    tunnel.ask(channel.pipeline().context(tunnel));
  }

  private void secure() {
    RelayUrl url = dial.url();
    if (url.isSecure()) {
      stage = "TLS";
      handshake(url.host(), url.port(), RelayFailure.TLS, this::upgrade);
    } else {
      upgrade();
    }
  }

  private void upgrade() {
    stage = "the HTTP upgrade";
    add(new UpgradeReader(this::onAnswer, this::end));
    String head = UpgradeRequest.head(dial.url(), websocketKey, dial.token(), proof());
    channel.writeAndFlush(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII));
  }

  private @Nullable String proof() {
    if (!dial.url().isSecure()) {
      return null;
    }
    SslHandler tls = null;
    for (var handler : channel.pipeline()) {
      if (handler.getValue() instanceof SslHandler ssl) {
        tls = ssl; // the last one: the first may be the proxy's
      }
    }
    return TlsExporter.material(
            Objects.requireNonNull(tls).engine().getSession(), dial.key().nodeId())
        .map(material -> ExporterProof.encode(dial.key(), material))
        .orElse(null);
  }

  private void onAnswer(HttpHead head) {
    UpgradeAnswer answer = UpgradeAnswer.of(head, websocketKey);
    switch (answer.kind()) {
      case DENIED -> end(RelayFailure.NOT_AUTHORIZED, Shown.line(answer.why()));
      case NO_RELAY -> end(RelayFailure.NOT_A_RELAY, Shown.line(answer.why()));
      default -> speak(answer.kind());
    }
  }

  private void speak(UpgradeAnswer.Kind kind) {
    stage = "the relay handshake";
    writer = new FrameWriter(channel);
    Inbound inbound = new Inbound();
    NodeIdCache ids = new NodeIdCache(KNOWN_IDS);
    if (kind == UpgradeAnswer.Kind.LEGACY) {
      if (!dial.legacy()) {
        end(
            RelayFailure.NOT_A_RELAY,
            "the server speaks only the protocol up to 0.90, which is switched off here");
        return;
      }
      dialect = new LegacyDialect(dial.key(), writer, inbound, ids);
    } else {
      dialect = new ModernDialect(kind == UpgradeAnswer.Kind.V2, dial.key(), writer, inbound, ids);
    }
    add(new ChannelFrames(this));
    dialect.begin();
  }

  // ---- what arrives ----

  /** A frame; false ends the reading. */
  boolean onFrame(ByteBuf buffer, int at, int length) {
    if (!ended) {
      events.received();
      Objects.requireNonNull(dialect).onFrame(buffer, at, length);
    }
    return !ended;
  }

  void onWebSocketPing(byte[] body) {
    if (!ended) {
      events.received();
      Objects.requireNonNull(writer).message(WebSocketFrames.PONG, body);
    }
  }

  void onReadComplete() {
    if (relaying && !ended) {
      events.readComplete();
    }
  }

  void onWritable(boolean writable) {
    unwritableSince = writable ? 0 : System.nanoTime();
  }

  void onClose(int code, String reason) {
    String words = reason.isEmpty() ? "" : ", \"" + Shown.line(reason) + "\"";
    if (code == GOING_AWAY) {
      end(RelayFailure.GOING_AWAY, "the relay is going away (WebSocket close 1001" + words + ")");
    } else if (code == TRY_AGAIN_LATER) {
      end(RelayFailure.BUSY, "the relay has no room now (WebSocket close 1013" + words + ")");
    } else {
      end(RelayFailure.LOST, "the relay said goodbye (WebSocket close " + code + words + ")");
    }
  }

  void onViolation(String what) {
    end(RelayFailure.PROTOCOL, "the relay broke the protocol: " + Shown.line(what));
  }

  private final class Inbound implements Dialect.Inbound {
    @Override
    public void authenticated() {
      relaying = true;
      stage = "relaying";
      events.connected();
    }

    @Override
    public void denied(String reason) {
      end(RelayFailure.NOT_AUTHORIZED, Shown.line(reason));
    }

    @Override
    public void datagrams(NodeId source, ByteBuf data, int segmentSize) {
      if (ended) {
        data.release(); // a listener has closed us amid a frame
      } else {
        events.datagrams(source, data, segmentSize);
      }
    }

    @Override
    public void gone(NodeId id) {
      events.gone(id);
    }

    @Override
    public void pong(byte[] body) {
      if (Arrays.equals(pingBytes, body)) {
        events.pong();
      }
    }

    @Override
    public void health(RelayHealth health) {
      events.health(health);
    }

    @Override
    public void restarting(long reconnectIn, long tryFor) {
      events.restarting(reconnectIn, tryFor);
    }

    @Override
    public void violation(String what) {
      onViolation(what);
    }
  }

  // ---- sending, once connected ----

  /** Takes ownership; false if it was dropped. */
  public boolean send(NodeId to, ByteBuf data, int segmentSize) {
    try {
      return Objects.requireNonNull(writer).isWritable()
          && Objects.requireNonNull(dialect).datagrams(to, data, segmentSize);
    } finally {
      data.release();
    }
  }

  public void flush() {
    Objects.requireNonNull(writer).flush();
  }

  public void ping() {
    new SecureRandom().nextBytes(pingBytes);
    Objects.requireNonNull(dialect).ping(pingBytes);
  }

  /** Whether the connection has taken nothing for 15 s. */
  public boolean stuck(long now) {
    return unwritableSince != 0 && now - unwritableSince > STUCK_NANOS;
  }

  // ---- end ----

  private void end(RelayFailure kind, String why) {
    if (!ended) {
      close();
      events.closed(kind, why);
    }
  }

  /** A WebSocket Close, then the end; no event follows. */
  public void goodbye(Runnable then) {
    if (relaying && !ended && channel.isActive()) {
      byte[] code = {(byte) (NORMAL >> 8), (byte) NORMAL};
      Objects.requireNonNull(writer).message(WebSocketFrames.CLOSE, code);
    }
    ChannelFuture end = closeQuietly();
    if (end == null) {
      then.run();
    } else {
      end.addListener(f -> then.run());
    }
  }

  /** Ends it; no event follows. */
  public void close() {
    closeQuietly();
  }

  private @Nullable ChannelFuture closeQuietly() {
    ended = true;
    race.cancel();
    return channel == null ? null : channel.close();
  }
}
