package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.StreamDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;

/**
 * Frames of clients on the bare stream, each with its length before it (relay-protocol section B3).
 * Any violation closes the connection. Event loop only.
 */
final class NativeReader extends StreamDecoder implements StreamReader {
  private final FrameSink sink;
  private boolean ended;

  NativeReader(FrameSink sink) {
    this.sink = sink;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf bytes && bytes.isReadable()) {
      sink.onBytes(bytes.readableBytes());
    }
    super.channelRead(ctx, message);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (ended) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (in.readableBytes() < LegacyFrames.NATIVE_HEADER || !sink.wantsFrames()) {
      return;
    }
    int at = in.readerIndex();
    long length = in.getUnsignedInt(at + 1);
    if (length > sink.maxFrame() - 1) {
      throw new TooLongFrameException("relay frame of " + length + " bytes");
    }
    int whole = LegacyFrames.NATIVE_HEADER + (int) length;
    if (in.readableBytes() >= whole) {
      in.skipBytes(whole);
      sink.onFrame(in.getUnsignedByte(at), in, at + LegacyFrames.NATIVE_HEADER, (int) length);
    }
  }

  @Override
  protected int missing() {
    int have = actualReadableBytes();
    if (have == 0 || ended) {
      return 0;
    }
    ByteBuf begun = internalBuffer();
    return have < LegacyFrames.NATIVE_HEADER
        ? LegacyFrames.NATIVE_HEADER - have
        : (int)
            Math.min(
                Integer.MAX_VALUE,
                Math.max(
                    0,
                    LegacyFrames.NATIVE_HEADER
                        + begun.getUnsignedInt(begun.readerIndex() + 1)
                        - have));
  }

  @Override
  public void end(ChannelHandlerContext ctx) {
    ended = true;
    ctx.close();
  }
}
