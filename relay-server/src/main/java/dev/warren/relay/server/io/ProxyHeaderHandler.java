package dev.warren.relay.server.io;

import dev.warren.relay.server.proxy.AddressRange;
import dev.warren.relay.server.wire.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Reads the PROXY header that a trusted proxy's connection begins with, before TLS, and cuts the
 * connection if there is none: the protocol forbids to guess. Event loop only.
 */
final class ProxyHeaderHandler extends ByteToMessageDecoder {
  private final ServiceCounters counters;

  private ProxyHeaderHandler(ServiceCounters counters) {
    this.counters = counters;
  }

  /** For connections of trusted proxies; others may not speak for anybody. */
  static void addTo(SocketChannel channel, List<AddressRange> trusted, ServiceCounters counters) {
    if (AddressRange.anyContains(trusted, PeerAddress.of(channel))) {
      channel.pipeline().addLast(new ProxyHeaderHandler(counters));
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    try {
      ProxyHeader header = ProxyHeader.read(in);
      if (header != null) {
        header.source().ifPresent(client -> PeerAddress.set(ctx.channel(), client));
        ctx.pipeline().remove(this);
      }
    } catch (ProxyHeader.Malformed e) {
      counters.proxyRefused.increment();
      in.skipBytes(in.readableBytes());
      ctx.close();
    }
  }
}
