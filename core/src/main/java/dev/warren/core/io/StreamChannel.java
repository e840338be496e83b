package dev.warren.core.io;

import dev.warren.base.NodeId;
import dev.warren.base.PeerException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamPriority;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC stream: the only handler of its channel, and the owner of its two halves.
 *
 * <p>It hides what Netty's stream channels do wrong (netty-quic-notes section 4): the FIN goes
 * through the write queue, abort is RESET and STOP_SENDING and never {@code close()}, and a stream
 * whose both directions are terminal is closed and reaped here, exactly once and not earlier, since
 * reaping a readable stream makes the codec announce it again for ever.
 *
 * <pre>
 * direction   terminal when
 * receiving   FIN read, RESET read, or we sent STOP_SENDING
 * sending     FIN accepted by quiche, RESET sent, or STOP_SENDING received
 * </pre>
 *
 * Fields without a remark are confined to the event loop; public methods are for any thread.
 */
public final class StreamChannel extends ChannelInboundHandlerAdapter {
  private final QuicConnection connection;
  private final QuicStreamChannel channel;
  private final boolean bidirectional;
  private final boolean local;
  private final @Nullable RecvHalf recv;
  private final @Nullable SendHalf send;

  private boolean recvTerminal;
  private boolean sendTerminal;
  private boolean abnormal;
  private boolean reaped;

  StreamChannel(
      QuicConnection connection, QuicStreamChannel channel, int readAhead, int sendBuffer) {
    this.connection = connection;
    this.channel = channel;
    this.bidirectional = channel.type() == QuicStreamType.BIDIRECTIONAL;
    this.local = channel.isLocalCreated();
    this.recv = bidirectional || !local ? new RecvHalf(this, readAhead) : null;
    this.send = bidirectional || local ? new SendHalf(this, sendBuffer) : null;
    this.recvTerminal = recv == null;
    this.sendTerminal = send == null;
  }

  public long id() {
    return channel.streamId();
  }

  public boolean bidirectional() {
    return bidirectional;
  }

  public @Nullable RecvHalf recv() {
    return recv;
  }

  public @Nullable SendHalf send() {
    return send;
  }

  public NodeId remoteId() {
    return connection.remoteId();
  }

  /** 0 (the default) to 127, higher first; quiche's urgency counts the other way. */
  public void priority(int priority) {
    channel.updatePriority(new QuicStreamPriority(127 - priority, true));
  }

  /** Asks to be told of STOP_SENDING and of the last acknowledgement, see {@link #poll}. */
  public void watchSending() {
    if (!onLoop(() -> connection.watch(this))) {
      connectionLost();
    }
  }

  /** A sending direction that was finished, and not acknowledged yet, will not be. */
  void connectionLost() {
    if (send != null) {
      send.onLost(connection::lostException);
    }
  }

  public Executor callbacks() {
    return connection.callbacks();
  }

  ByteBufAllocator alloc() {
    return channel.alloc();
  }

  // ---- receiving ----

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (recv == null || !recv.held()) {
      ctx.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    // Frames, not buffers: on a unidirectional stream Netty would tell of the FIN by closing only.
    QuicStreamFrame frame = (QuicStreamFrame) msg;
    boolean fin = frame.hasFin();
    ByteBuf data = frame.content();
    if (recv == null || recvTerminal) {
      data.release();
      return;
    }
    boolean more = true;
    if (data.isReadable()) {
      more = recv.onData(data);
    } else {
      data.release();
    }
    if (fin) {
      recv.onFinished();
      recvTerminal = true;
      reapIfDone();
    } else if (more) {
      ctx.read();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof QuicStreamResetException reset && recv != null && !recvTerminal) {
      boolean nothingRead = !recv.hasUnread();
      recv.onReset(reset.applicationProtocolCode());
      recvTerminal = true;
      abnormal = true;
      poll();
      if (!local && nothingRead) {
        connection.resetBeforeAccept(this);
      }
      reapIfDone();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Supplier<PeerException> cause = connection::lostException;
    if (recv != null && !recvTerminal) {
      recvTerminal = true;
      recv.onLost(cause);
    }
    if (send != null && !sendTerminal) {
      sendTerminal = true;
      send.onLost(cause);
    }
    reapIfDone();
  }

  void requestRead() {
    onLoop(channel::read);
  }

  void stopReceiving(long code) {
    onLoop(
        () -> {
          if (!recvTerminal) {
            recvTerminal = true;
            abnormal = true;
            channel.shutdownInput((int) code);
            reapIfDone();
          }
        });
  }

  // ---- sending ----

  void scheduleDrain() {
    if (!onLoop(this::drain)) {
      send.onLost(connection::lostException);
    }
  }

  private void drain() {
    for (SendHalf.Outgoing next = send.poll(); next != null; next = send.poll()) {
      SendHalf.Outgoing out = next;
      if (sendTerminal) {
        out.data().release();
        send.onWritten(
            out, 0, channel.newFailedFuture(new ChannelOutputShutdownException("ended")));
        continue;
      }
      int bytes = out.data().readableBytes();
      ChannelPromise promise = channel.newPromise();
      promise.addListener(
          result -> {
            send.onWritten(out, bytes, result);
            connection.onWritten(bytes);
            if (!result.isSuccess()) {
              onWriteFailed(result.cause());
            } else if (out.fin()) {
              sendTerminal = true;
              connection.pollSoon();
              reapIfDone();
            }
          });
      Object message =
          !out.fin()
              ? out.data()
              : out.data().isReadable()
                  ? new DefaultQuicStreamFrame(out.data(), true)
                  : QuicStreamFrame.EMPTY_FIN;
      channel.write(message, promise);
    }
  }

  /** Drops what QUIC has not taken yet, because the connection closes. True if there was any. */
  boolean cutOff(int code) {
    if (sendTerminal || !send.hasPending()) {
      return false;
    }
    sendTerminal = true;
    abnormal = true;
    channel.shutdownOutput(code);
    send.onLost(connection::lostException);
    return true;
  }

  private void onWriteFailed(Throwable cause) {
    if (sendTerminal) {
      return;
    }
    if (cause instanceof ChannelOutputShutdownException) {
      onStopped();
    } else {
      sendTerminal = true;
      abnormal = true;
      send.onLost(connection::lostException);
      reapIfDone();
    }
  }

  private void onStopped() {
    sendTerminal = true;
    abnormal = true;
    send.onStopped();
    reapIfDone();
  }

  void resetSending(long code) {
    onLoop(
        () -> {
          if (!sendTerminal) {
            sendTerminal = true;
            abnormal = true;
            channel.shutdownOutput((int) code);
            reapIfDone();
          }
        });
  }

  /**
   * Looks whether the peer stopped us, or has acknowledged all. Netty tells of neither
   * (netty-quic-notes section 4.2). False when there is nothing more to learn.
   */
  boolean poll() {
    if (send == null || reaped && send.ended().isDone()) {
      return false;
    }
    long capacity = connection.streamCapacity(id());
    if (capacity == NettyQuicInternals.STREAM_STOPPED && !sendTerminal) {
      onStopped();
      return false;
    }
    if (capacity == NettyQuicInternals.INVALID_STREAM_STATE && sendTerminal && !abnormal) {
      send.onAcknowledged();
      return false;
    }
    return !send.ended().isDone();
  }

  // ---- end ----

  private void reapIfDone() {
    if (reaped || !recvTerminal || !sendTerminal) {
      return;
    }
    reaped = true;
    connection.forget(this);
    if (recv != null) {
      recv.moveToHeap();
    }
    channel.close();
    if (abnormal && !connection.streamClosed(id())) {
      connection.counters().streamsNotReaped.increment();
    }
  }

  /** The peer aborted it before anybody accepted it: end our side too. */
  void abandon() {
    if (send != null && !sendTerminal) {
      sendTerminal = true;
      abnormal = true;
      channel.shutdownOutput(0);
    }
    reapIfDone();
  }

  /** Opened for a caller who has gone: nothing was sent, so the peer knows nothing of it. */
  void abandonLocal() {
    if (recv != null && !recvTerminal) {
      recvTerminal = true;
      abnormal = true;
      channel.shutdownInput(0);
    }
    abandon();
  }

  /** Nobody accepted this stream yet: another handler takes it over, with what has arrived. */
  void handOver(ChannelHandler handler) {
    connection.forget(this);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(handler);
    ChannelHandlerContext own = pipeline.context(this);
    own.fireChannelActive();
    if (recv != null) {
      recv.handOver(own::fireChannelRead);
    }
    own.fireChannelReadComplete();
    pipeline.remove(this);
  }

  void discard() {
    if (recv != null) {
      recv.discardAll();
    }
  }

  private boolean onLoop(Runnable task) {
    if (channel.eventLoop().inEventLoop()) {
      task.run();
      return true;
    }
    try {
      channel.eventLoop().execute(task);
      return true;
    } catch (java.util.concurrent.RejectedExecutionException endpointClosed) {
      return false;
    }
  }
}
