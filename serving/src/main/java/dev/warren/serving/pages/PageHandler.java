package dev.warren.serving.pages;

import dev.warren.serving.wire.HttpRequest;
import dev.warren.serving.wire.HttpRequestReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of a {@link PageServer}. Event loop only. */
final class PageHandler extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(PageHandler.class);

  private final Function<HttpRequest, Page> pages;
  private final HttpRequestReader reader = new HttpRequestReader();
  private boolean answered;

  PageHandler(Function<HttpRequest, Page> pages) {
    this.pages = pages;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    ctx.executor().schedule(() -> ctx.close(), PageServer.SECONDS, TimeUnit.SECONDS);
    super.channelActive(ctx);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws HttpRequest.Refused {
    if (answered) {
      in.skipBytes(in.readableBytes());
      return;
    }
    HttpRequest request = reader.read(in);
    if (request != null) {
      answered = true;
      answer(ctx, request);
    }
  }

  private void answer(ChannelHandlerContext ctx, HttpRequest request) {
    boolean head = request.method().equals("HEAD");
    Page page = page(request, head);
    ByteBuf answer = Unpooled.copiedBuffer(page.head(), StandardCharsets.US_ASCII);
    ctx.writeAndFlush(
            head ? answer : Unpooled.wrappedBuffer(answer, Unpooled.wrappedBuffer(page.body())))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private Page page(HttpRequest request, boolean head) {
    if (!head && !request.method().equals("GET")) {
      return Page.refused("405 Method Not Allowed", "only GET is served");
    }
    try {
      return pages.apply(request);
    } catch (RuntimeException e) {
      LOG.warn("a page failed", e);
      return Page.refused("500 Internal Server Error", "see the log of the server");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("a connection to the pages failed", cause);
    ctx.close();
  }
}
