package dev.warren.core.io;

import dev.warren.base.PeerException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens streams in the order of the asking, waiting while the peer's limit is reached: Netty's
 * {@code createStream} fails there. Entry from any thread; state on the connection's loop.
 */
final class StreamOpener {
  private final QuicConnection connection;
  private final ArrayDeque<Request<?>> bidi = new ArrayDeque<>();
  private final ArrayDeque<Request<?>> uni = new ArrayDeque<>();
  private @Nullable Throwable failed;

  /** Someone who waits, and what is done with the new channel before it becomes active. */
  private record Request<S>(
      Function<QuicStreamChannel, S> init, Consumer<S> abandon, CompletableFuture<S> opened) {
    void create(QuicChannel channel, QuicStreamType type, Supplier<PeerException> lost) {
      AtomicReference<S> made = new AtomicReference<>();
      channel
          .createStream(
              type,
              new ChannelInboundHandlerAdapter() {
                @Override
                public void handlerAdded(ChannelHandlerContext ctx) {
                  QuicStreamChannel stream = (QuicStreamChannel) ctx.channel();
                  StreamOptions.apply(stream);
                  ctx.pipeline().remove(this);
                  made.set(init.apply(stream));
                }
              })
          .addListener(
              f -> {
                if (!f.isSuccess()) {
                  opened.completeExceptionally(lost.get());
                } else if (!opened.complete(made.get())) {
                  // Cancelled meanwhile: the peer has seen nothing of it yet.
                  abandon.accept(made.get());
                }
              });
    }
  }

  StreamOpener(QuicConnection connection) {
    this.connection = connection;
  }

  <S> CompletableFuture<S> open(
      boolean bidirectional, Function<QuicStreamChannel, S> init, Consumer<S> abandon) {
    CompletableFuture<S> opened = new CompletableFuture<>();
    Request<S> request = new Request<>(init, abandon, opened);
    try {
      connection.shard().loop().execute(() -> enqueue(bidirectional, request));
    } catch (RejectedExecutionException endpointClosed) {
      opened.completeExceptionally(connection.lostException());
    }
    opened.whenComplete(
        (stream, failure) -> {
          if (opened.isCancelled()) {
            leave(bidirectional, request);
          }
        });
    return opened;
  }

  /** A peer that gives no credit must not make those who gave up pile up. */
  private void leave(boolean bidirectional, Request<?> request) {
    try {
      connection.shard().loop().execute(() -> queue(bidirectional).remove(request));
    } catch (RejectedExecutionException endpointClosed) {
      // The queue has gone with the loop.
      return;
    }
  }

  private void enqueue(boolean bidirectional, Request<?> request) {
    if (failed != null) {
      request.opened().completeExceptionally(failed);
      return;
    }
    if (connection.closeReason().isPresent()) {
      // A close may wait until it can be sent: nothing is opened behind it.
      request.opened().completeExceptionally(connection.lostException());
      return;
    }
    queue(bidirectional).add(request);
    openWhatFits(bidirectional);
  }

  void creditChanged() {
    openWhatFits(true);
    openWhatFits(false);
  }

  void fail(Throwable cause) {
    failed = cause;
    bidi.forEach(r -> r.opened().completeExceptionally(cause));
    uni.forEach(r -> r.opened().completeExceptionally(cause));
    bidi.clear();
    uni.clear();
  }

  private ArrayDeque<Request<?>> queue(boolean bidirectional) {
    return bidirectional ? bidi : uni;
  }

  /** How many wait for the peer's limit; for tests, loop only. */
  int waiting() {
    return bidi.size() + uni.size();
  }

  private void openWhatFits(boolean bidirectional) {
    ArrayDeque<Request<?>> queue = queue(bidirectional);
    QuicStreamType type =
        bidirectional ? QuicStreamType.BIDIRECTIONAL : QuicStreamType.UNIDIRECTIONAL;
    QuicChannel channel = connection.channel();
    while (!queue.isEmpty() && channel.isOpen()) {
      if (queue.peek().opened().isDone()) {
        queue.poll(); // cancelled
      } else if (channel.peerAllowedStreams(type) <= 0) {
        return; // QuicStreamLimitChangedEvent brings us back
      } else {
        queue.poll().create(channel, type, connection::lostException);
      }
    }
  }
}
