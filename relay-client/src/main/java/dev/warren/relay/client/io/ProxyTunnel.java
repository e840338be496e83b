package dev.warren.relay.client.io;

import dev.warren.relay.client.proxy.RelayProxy;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.HttpHeadReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6) and then takes itself out of the
 * pipeline; what came behind the proxy's answer goes to the next handler, since it belongs to the
 * tunnel. Event loop only.
 */
final class ProxyTunnel extends ByteToMessageDecoder {
  /** Where the relay connection goes on. */
  interface Outcome {
    /** Add the next handlers behind this one: it goes away right afterwards. */
    void open();

    void refused(String why);
  }

  private final HttpHeadReader reader = new HttpHeadReader();
  private final RelayProxy proxy;
  private final String target;
  private final Outcome outcome;

  /** {@code target} is {@code host:port}, an IPv6 address in brackets. */
  ProxyTunnel(RelayProxy proxy, String target, Outcome outcome) {
    this.proxy = proxy;
    this.target = target;
    this.outcome = outcome;
  }

  /** Sends the request; the connection to the proxy is ready. */
  void ask(ChannelHandlerContext ctx) {
    String request =
        "CONNECT "
            + target
            + " HTTP/1.1\r\nHost: "
            + target
            + "\r\nProxy-Connection: Keep-Alive\r\n"
            + proxy.authorization().map(a -> "Proxy-Authorization: " + a + "\r\n").orElse("")
            + "\r\n";
    ctx.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    HttpHead head = reader.read(in);
    if (head == null) {
      return;
    }
    String[] parts = head.start().split(" ", 3);
    String code = parts.length > 1 && parts[0].startsWith("HTTP/1.") ? parts[1] : "";
    if (code.equals("200")) {
      outcome.open();
      ctx.pipeline().remove(this);
      return;
    }
    in.skipBytes(in.readableBytes());
    outcome.refused(
        "it answered \""
            + Shown.line(head.start())
            + "\" to CONNECT "
            + target
            + (code.equals("407") ? "; give it the user and password that it wants" : ""));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    outcome.refused("it closed the connection");
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    outcome.refused(Shown.line(String.valueOf(error.getMessage())));
  }
}
