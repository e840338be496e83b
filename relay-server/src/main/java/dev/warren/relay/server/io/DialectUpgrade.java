package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.ExporterProof;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.server.io.Authentication.Verdict;
import dev.warren.relay.server.logic.Refusal;
import dev.warren.relay.server.wire.HttpAnswer;
import dev.warren.serving.wire.HttpRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;

/**
 * Which dialect a request asks for, and the 101 (relay-protocol sections A2, B2 and C1). Written by
 * hand because Netty's WebSocket handshaker takes the first subprotocol instead of the highest and
 * demands a header that clients need not send, and because {@code iroh derp http} is no legal
 * token. Stateless.
 */
final class DialectUpgrade implements RelayUpgrade {
  private static final String BAD = "400 Bad Request";
  private static final String UNAVAILABLE = "503 Service Unavailable";

  private final DataPlane plane;

  DialectUpgrade(DataPlane plane) {
    this.plane = plane;
  }

  @Override
  public Optional<HttpAnswer> upgrade(ChannelHandlerContext ctx, Asked asked) {
    HttpRequest request = asked.request();
    Optional<HttpAnswer> malformed = malformed(request);
    if (malformed.isPresent()) {
      return malformed;
    }
    Optional<Dialect> dialect = choose(request);
    if (dialect.isEmpty()) {
      return Optional.of(HttpAnswer.text(BAD, "no relay protocol that is served here\n"));
    }
    if (plane.isDraining()) {
      plane.counters().refusedDraining.increment();
      return Optional.of(HttpAnswer.text(UNAVAILABLE, "this relay is going away\n"));
    }
    Refusal refusal = plane.upgrading(ctx.channel(), asked.remote());
    if (refusal != null) {
      return Optional.of(HttpAnswer.text(UNAVAILABLE, refusal.reason() + "\n"));
    }
    open(ctx, asked, dialect.get());
    return Optional.empty();
  }

  private static String upgradeHeader(HttpRequest request) {
    return request.header("upgrade").orElse("");
  }

  private static Optional<HttpAnswer> malformed(HttpRequest request) {
    String upgrade = upgradeHeader(request);
    if (upgrade.equals(LegacyFrames.NATIVE_UPGRADE)) {
      return Optional.empty();
    }
    Optional<String> version = request.header("sec-websocket-version");
    if (!upgrade.equals("websocket")
        || request.header("sec-websocket-key").isEmpty()
        || version.isEmpty()) {
      return Optional.of(HttpAnswer.text(BAD, "this is a relay: upgrade to websocket\n"));
    }
    return version.get().equals("13")
        ? Optional.empty()
        : Optional.of(HttpAnswer.text(BAD, "").with("Sec-WebSocket-Version: 13"));
  }

  /** Legacy clients never name a subprotocol, and modern ones always do. */
  private Optional<Dialect> choose(HttpRequest request) {
    Optional<String> protocols = request.header("sec-websocket-protocol");
    if (upgradeHeader(request).equals(LegacyFrames.NATIVE_UPGRADE)) {
      return Optional.of(Dialect.LEGACY_NATIVE).filter(d -> plane.servesLegacy());
    }
    if (protocols.isEmpty()) {
      return Optional.of(Dialect.LEGACY_WEBSOCKET).filter(d -> plane.servesLegacy());
    }
    List<String> offered = Arrays.stream(protocols.get().split(",")).map(String::strip).toList();
    return Arrays.stream(new Dialect[] {Dialect.MODERN_V2, Dialect.MODERN_V1})
        .filter(d -> request.path().equals("/relay") && offered.contains(d.protocol()))
        .findFirst();
  }

  private void open(ChannelHandlerContext ctx, Asked asked, Dialect dialect) {
    HttpRequest request = asked.request();
    StringBuilder response = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nupgrade: ");
    if (dialect.isWebSocket()) {
      response
          .append("websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ")
          .append(Handshake.websocketAccept(request.header("sec-websocket-key").orElseThrow()));
    } else {
      response.append(LegacyFrames.NATIVE_UPGRADE);
    }
    if (!dialect.isLegacy()) {
      response.append("\r\nsec-websocket-protocol: ").append(dialect.protocol());
    }
    response.append("\r\n");
    asked.headers().forEach(line -> response.append(line).append("\r\n"));
    ctx.writeAndFlush(Unpooled.copiedBuffer(response.append("\r\n"), StandardCharsets.US_ASCII));

    RelayClientConnection connection =
        new RelayClientConnection(plane, dialect, asked.remote(), request);
    connection.addTo(
        ctx.pipeline(), dialect.isLegacy() ? Optional.empty() : byHeader(ctx, request));
  }

  private static Optional<Supplier<Verdict>> byHeader(
      ChannelHandlerContext ctx, HttpRequest request) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    SSLSession session = tls == null ? null : tls.engine().getSession();
    return request
        .header(ExporterProof.HEADER.toLowerCase(Locale.ROOT))
        .map(proof -> () -> Authentication.byHeader(proof, session));
  }
}
