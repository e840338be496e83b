package dev.warren.core.io;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Opens streams in the order of the asking, waiting while the peer's limit is reached: Netty's
 * {@code createStream} fails there. Entry from any thread; state on the connection's loop.
 */
final class StreamOpener {
  private final QuicConnection connection;
  private final ArrayDeque<CompletableFuture<StreamChannel>> bidi = new ArrayDeque<>();
  private final ArrayDeque<CompletableFuture<StreamChannel>> uni = new ArrayDeque<>();
  private @Nullable Throwable failed;

  StreamOpener(QuicConnection connection) {
    this.connection = connection;
  }

  CompletableFuture<StreamChannel> open(boolean bidirectional) {
    CompletableFuture<StreamChannel> opened = new CompletableFuture<>();
    try {
      connection.shard().loop().execute(() -> enqueue(bidirectional, opened));
    } catch (RejectedExecutionException endpointClosed) {
      opened.completeExceptionally(connection.lostException());
    }
    return opened;
  }

  private void enqueue(boolean bidirectional, CompletableFuture<StreamChannel> opened) {
    if (failed != null) {
      opened.completeExceptionally(failed);
      return;
    }
    queue(bidirectional).add(opened);
    openWhatFits(bidirectional);
  }

  void creditChanged() {
    openWhatFits(true);
    openWhatFits(false);
  }

  void fail(Throwable cause) {
    failed = cause;
    bidi.forEach(o -> o.completeExceptionally(cause));
    uni.forEach(o -> o.completeExceptionally(cause));
    bidi.clear();
    uni.clear();
  }

  private ArrayDeque<CompletableFuture<StreamChannel>> queue(boolean bidirectional) {
    return bidirectional ? bidi : uni;
  }

  private void openWhatFits(boolean bidirectional) {
    ArrayDeque<CompletableFuture<StreamChannel>> queue = queue(bidirectional);
    QuicStreamType type =
        bidirectional ? QuicStreamType.BIDIRECTIONAL : QuicStreamType.UNIDIRECTIONAL;
    QuicChannel channel = connection.channel();
    while (!queue.isEmpty() && channel.isOpen()) {
      if (queue.peek().isDone()) {
        queue.poll(); // cancelled
      } else if (channel.peerAllowedStreams(type) <= 0) {
        return; // QuicStreamLimitChangedEvent brings us back
      } else {
        create(channel, type, queue.poll());
      }
    }
  }

  private void create(
      QuicChannel channel, QuicStreamType type, CompletableFuture<StreamChannel> opened) {
    StreamChannel[] made = new StreamChannel[1];
    channel
        .createStream(
            type,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void handlerAdded(ChannelHandlerContext ctx) {
                QuicStreamChannel stream = (QuicStreamChannel) ctx.channel();
                StreamOptions.apply(stream);
                ctx.pipeline().remove(this);
                made[0] = connection.initStream(stream);
              }
            })
        .addListener(
            f -> {
              if (!f.isSuccess()) {
                opened.completeExceptionally(connection.lostException());
              } else if (!opened.complete(made[0])) {
                // Cancelled meanwhile: the peer has seen nothing of it yet.
                made[0].abandonLocal();
              }
            });
  }
}
