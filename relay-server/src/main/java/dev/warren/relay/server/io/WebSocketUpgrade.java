package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.server.wire.HttpAnswer;
import dev.warren.relay.server.wire.HttpRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The upgrade on {@code GET /relay} (relay-protocol section A2). Written by hand because Netty's
 * WebSocket handshaker takes the first subprotocol instead of the highest and demands a header that
 * clients need not send.
 */
final class WebSocketUpgrade implements RelayUpgrade {
  private static final String BAD = "400 Bad Request";

  private final Clients clients;
  private final RelayCounters counters;

  WebSocketUpgrade(Clients clients, RelayCounters counters) {
    this.clients = clients;
    this.counters = counters;
  }

  @Override
  public Optional<HttpAnswer> upgrade(ChannelHandlerContext ctx, Asked asked) {
    HttpRequest request = asked.request();
    Optional<String> key = request.header("sec-websocket-key");
    Optional<String> version = request.header("sec-websocket-version");
    if (!request.path().equals("/relay")
        || !request.header("upgrade").orElse("").equals("websocket")
        || key.isEmpty()
        || version.isEmpty()) {
      return Optional.of(HttpAnswer.text(BAD, "this is a relay: upgrade to websocket\n"));
    }
    if (!version.get().equals("13")) {
      return Optional.of(HttpAnswer.text(BAD, "").with("Sec-WebSocket-Version: 13"));
    }
    List<String> offered =
        request.all("sec-websocket-protocol").stream()
            .flatMap(v -> Arrays.stream(v.split(",")))
            .map(String::strip)
            .toList();
    boolean v2 = offered.contains(RelayFrames.V2);
    if (!v2 && !offered.contains(RelayFrames.V1)) {
      return Optional.of(HttpAnswer.text(BAD, "no relay protocol that is served here\n"));
    }
    StringBuilder response =
        new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n")
            .append("upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ")
            .append(Handshake.websocketAccept(key.get()))
            .append("\r\nsec-websocket-protocol: ")
            .append(v2 ? RelayFrames.V2 : RelayFrames.V1)
            .append("\r\n");
    asked.headers().forEach(line -> response.append(line).append("\r\n"));
    ctx.writeAndFlush(Unpooled.copiedBuffer(response.append("\r\n"), StandardCharsets.US_ASCII));
    RelayClientConnection connection = new RelayClientConnection(clients, counters, v2);
    ctx.pipeline().addLast("relay", connection);
    connection.start(ctx.pipeline().context(connection));
    return Optional.empty();
  }
}
