package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP side of the relay: the upgrade on {@code GET /relay} (relay-protocol section A2), and
 * small answers for probes. Written by hand because Netty's WebSocket handshaker takes the first
 * subprotocol instead of the highest and demands a header that clients need not send. Event loop
 * only.
 */
final class UpgradeHandler extends ByteToMessageDecoder {
  /** TLS, request and upgrade together (relay-protocol section A10). */
  static final int ESTABLISH_SECONDS = 30;

  private final Clients clients;
  private final RelayCounters counters;
  private boolean done;

  UpgradeHandler(Clients clients, RelayCounters counters) {
    this.clients = clients;
    this.counters = counters;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    ctx.executor()
        .schedule(
            () -> {
              if (!done) {
                ctx.close();
              }
            },
            ESTABLISH_SECONDS,
            TimeUnit.SECONDS);
    super.channelActive(ctx);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (done) {
      in.skipBytes(in.readableBytes()); // the answer closes the connection: one request each
      return;
    }
    HttpHead head = HttpHead.read(in);
    if (head == null) {
      return;
    }
    done = true;
    String[] request = head.start().split(" ", 3);
    String method = request[0];
    String path = request.length > 1 ? request[1].replaceFirst("\\?.*", "") : "";
    if (!method.equals("GET")) {
      answer(ctx, "405 Method Not Allowed", "", "only GET is served\n");
    } else if (path.equals("/relay")) {
      upgrade(ctx, head);
    } else if (path.equals("/ping") || path.equals("/healthz")) {
      answer(
          ctx, "200 OK", "Access-Control-Allow-Origin: *\r\n", path.equals("/ping") ? "" : "ok\n");
    } else if (path.equals("/generate_204")) {
      answer(ctx, "204 No Content", challengeAnswer(head), "");
    } else {
      answer(ctx, path.equals("/") ? "200 OK" : "404 Not Found", "", "Warren relay\n");
    }
  }

  /** Proves to a captive portal check that nobody answered in our place (relay-server spec). */
  private static String challengeAnswer(HttpHead head) {
    return head.header("x-iroh-challenge")
        .filter(c -> c.length() <= 64 && c.matches("[A-Za-z0-9._-]+"))
        .map(c -> "X-Iroh-Response: response " + c + "\r\n")
        .orElse("");
  }

  private void upgrade(ChannelHandlerContext ctx, HttpHead head) {
    Optional<String> key = head.header("sec-websocket-key");
    Optional<String> version = head.header("sec-websocket-version");
    if (!head.header("upgrade").orElse("").equals("websocket")
        || key.isEmpty()
        || version.isEmpty()) {
      answer(ctx, "400 Bad Request", "", "this is a relay: upgrade to websocket\n");
      return;
    }
    if (!version.get().equals("13")) {
      answer(ctx, "400 Bad Request", "Sec-WebSocket-Version: 13\r\n", "");
      return;
    }
    List<String> offered =
        Arrays.stream(head.header("sec-websocket-protocol").orElse("").split(","))
            .map(String::strip)
            .toList();
    boolean v2 = offered.contains(RelayFrames.V2);
    if (!v2 && !offered.contains(RelayFrames.V1)) {
      answer(ctx, "400 Bad Request", "", "no relay protocol that is served here\n");
      return;
    }
    String response =
        "HTTP/1.1 101 Switching Protocols\r\n"
            + "upgrade: websocket\r\n"
            + "connection: upgrade\r\n"
            + "sec-websocket-accept: "
            + Handshake.websocketAccept(key.get())
            + "\r\n"
            + "sec-websocket-protocol: "
            + (v2 ? RelayFrames.V2 : RelayFrames.V1)
            + "\r\n\r\n";
    ctx.writeAndFlush(Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII));
    RelayClientConnection connection = new RelayClientConnection(clients, counters, v2);
    ctx.pipeline().addLast("relay", connection);
    connection.start(ctx.pipeline().context(connection));
    ctx.pipeline().remove(this);
  }

  private static void answer(
      ChannelHandlerContext ctx, String status, String headers, String body) {
    String text =
        "HTTP/1.1 "
            + status
            + "\r\n"
            + headers
            + (status.startsWith("204") ? "" : "Content-Length: " + body.length() + "\r\n")
            + "Content-Type: text/plain; charset=utf-8\r\n"
            + "Connection: close\r\n\r\n"
            + body;
    ctx.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
