package dev.warren.serving.io;

import dev.warren.serving.proxy.AddressRange;
import dev.warren.serving.wire.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads the PROXY header that a trusted proxy's connection begins with, before TLS, and cuts the
 * connection if there is none: the protocol forbids to guess. Event loop only.
 */
public final class ProxyHeaderHandler extends ByteToMessageDecoder {
  private final LongAdder refused;

  private ProxyHeaderHandler(LongAdder refused) {
    this.refused = refused;
  }

  /**
   * For connections of trusted proxies; others may not speak for anybody.
   *
   * @param refused counts connections that are cut
   */
  public static void addTo(SocketChannel channel, List<AddressRange> trusted, LongAdder refused) {
    if (AddressRange.anyContains(trusted, PeerAddress.of(channel))) {
      channel.pipeline().addLast(new ProxyHeaderHandler(refused));
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
      refused.increment();
      in.skipBytes(in.readableBytes());
      ctx.close();
    }
  }
}
