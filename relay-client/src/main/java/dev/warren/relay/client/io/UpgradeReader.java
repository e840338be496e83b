package dev.warren.relay.client.io;

import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.wire.HttpHead;
import dev.warren.relay.client.wire.HttpHeadReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Reads the answer to the upgrade and then takes itself out of the pipeline; what came behind the
 * answer goes to the handler that the receiver of the answer has added. Event loop only.
 */
final class UpgradeReader extends ByteToMessageDecoder {
  private final HttpHeadReader reader = new HttpHeadReader();
  private final Consumer<HttpHead> answer;
  private final BiConsumer<RelayFailure, String> failure;

  UpgradeReader(Consumer<HttpHead> answer, BiConsumer<RelayFailure, String> failure) {
    this.answer = answer;
    this.failure = failure;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    HttpHead head = reader.read(in);
    if (head != null) {
      answer.accept(head);
      ctx.pipeline().remove(this);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    failure.accept(
        RelayFailure.LOST, "the server closed the connection instead of answering the upgrade");
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    failure.accept(
        RelayFailure.NOT_A_RELAY,
        "the server's answer to the upgrade: " + Shown.line(String.valueOf(error.getMessage())));
  }
}
