package dev.warren.core.io;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;

/** How every stream channel is set up, whoever opened it. Stateless. */
final class StreamOptions {
  /** From one small message to what one batch of 64 datagrams carries. */
  private static final int RECEIVE_MIN = 512;

  private static final int RECEIVE_START = 2048;
  private static final int RECEIVE_MAX = 64 * 1024;

  private StreamOptions() {}

  static void apply(QuicStreamChannel stream) {
    // Bytes are read when there is room for them (api-sketch pitfall 7).
    stream.config().setOption(ChannelOption.AUTO_READ, false);
    stream.config().setOption(QuicChannelOption.READ_FRAMES, true);
    RecvByteBufAllocator allocator =
        new AdaptiveRecvByteBufAllocator(RECEIVE_MIN, RECEIVE_START, RECEIVE_MAX);
    stream.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, allocator);
    if (stream.type() == QuicStreamType.BIDIRECTIONAL) {
      // Throws on unidirectional streams, and closes them (netty-quic-notes section 4.2).
      stream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
  }
}
