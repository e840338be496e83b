package dev.warren.relay.client.io;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.proxy.RelayProxy;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.wire.ExporterProof;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.TlsExporter;
import dev.warren.relay.client.wire.UpgradeAnswer;
import dev.warren.relay.client.wire.UpgradeRequest;
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
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way to a relay: TCP, perhaps TLS to a proxy and its tunnel, perhaps TLS, the upgrade.
 *
 * <pre>
 * TCP --[TLS to the proxy, CONNECT]--[TLS]--> UPGRADE --101--> upgraded
 * </pre>
 *
 * It also hears of the connection's end afterwards. Event loop only.
 */
final class RelayRoute {
  /** What came of it. */
  interface Outcome {
    /** The first: add the handler that reads on with {@link RelayRoute#add}. */
    void upgraded(Channel channel, UpgradeAnswer.Kind kind);

    /** The last; nothing after {@link RelayRoute#close}. */
    void failed(RelayFailure kind, String why);
  }

  /** Name of the pipeline's last handler. */
  private static final String LAST = "last";

  private final RelayDial dial;
  private final Outcome outcome;
  private final String websocketKey;
  private final TcpRace race;
  private String stage = "dialling";
  private @Nullable Channel channel;
  private boolean ended;

  RelayRoute(EventLoop loop, RelayDial dial, Outcome outcome) {
    this.dial = dial;
    this.outcome = outcome;
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

  /** The outcome may come before this returns. */
  void begin() {
    race.step();
  }

  private String far() {
    return dial.proxy() == null ? dial.url().toString() : "the proxy " + dial.proxy();
  }

  /** What is under way, for messages. */
  void stage(String now) {
    stage = now;
  }

  /** What is under way and what was tried, for a dial that takes too long. */
  String progress() {
    return channel == null
        ? "dialling " + far() + ", tried " + race.progress()
        : stage + " with " + TcpRace.shown(channel.remoteAddress());
  }

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

  void add(ChannelHandler handler) {
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
      default -> outcome.upgraded(Objects.requireNonNull(channel), answer.kind());
    }
  }

  private void end(RelayFailure kind, String why) {
    if (!ended) {
      close();
      outcome.failed(kind, why);
    }
  }

  /** Ends the connection, or the attempt at one; null if there is no connection to wait for. */
  @Nullable ChannelFuture close() {
    ended = true;
    race.cancel();
    return channel == null ? null : channel.close();
  }
}
