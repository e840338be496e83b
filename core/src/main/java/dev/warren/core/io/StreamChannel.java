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
import java.util.Optional;
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
 * Stopping a receiving direction does not end it at once: see {@link LingeringStreams}.
 *
 * <p>Fields without a remark are confined to the event loop; public methods are for any thread.
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
  private boolean stopping;
  private long stopCode;
  private Optional<LingeringStreams.Kind> stopped = Optional.empty();
  private long discarded; // since the last time that STOP_SENDING was considered

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
    if (!onLoop(() -> connection.streams().watch(this))) {
      connectionLost();
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
    if (stopping) {
      discarded += data.readableBytes();
      data.release();
    } else if (data.isReadable()) {
      more = recv.onData(data);
    } else {
      data.release();
    }
    if (fin) {
      recv.onFinished();
      recvTerminal = true;
      reapIfDone();
    } else if (more && !(stopping && stillComing())) {
      ctx.read();
    }
  }

  /** The peer goes on although nobody reads. True if it was told to stop. */
  private boolean stillComing() {
    if (discarded <= LingeringStreams.DISCARD_LIMIT) {
      return false;
    }
    discarded = 0;
    return sayStop();
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
        connection.streams().resetBeforeAccept(this);
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

  /** Data has come for {@code half}: its reader is told once for all that this read loop brings. */
  void announceLater(RecvHalf half) {
    connection.shard().announceLater(half);
  }

  void stopReceiving(long code) {
    onLoop(
        () -> {
          if (!recvTerminal && !stopping) {
            discard(code);
          }
        });
  }

  private void discard(long code) {
    stopping = true;
    stopCode = code;
    connection.streams().lingering().discarding(this);
    channel.read();
  }

  /** Sends STOP_SENDING; false if no more streams may be stopped. */
  boolean sayStop() {
    LingeringStreams.Kind kind =
        local
            ? LingeringStreams.Kind.OURS
            : bidirectional ? LingeringStreams.Kind.PEERS_BIDI : LingeringStreams.Kind.PEERS_UNI;
    if (!connection.streams().lingering().takeStop(kind)) {
      return false;
    }
    stopped = Optional.of(kind);
    recvTerminal = true;
    abnormal = true;
    channel.shutdownInput((int) stopCode);
    reapIfDone();
    return true;
  }

  /** Nothing more will be received. */
  boolean ended() {
    return recvTerminal;
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
            if (!result.isSuccess()) {
              onWriteFailed(result.cause()); // first: it decides what the writer is told
            }
            send.onWritten(out, bytes, result);
            connection.onWritten(bytes);
            if (result.isSuccess() && out.fin()) {
              sendTerminal = true;
              connection.streams().pollSoon();
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
      if (!promise.isDone() && forgotten()) {
        // The codec learned of STOP_SENDING when nothing was queued, and would keep this for ever.
        onStopped();
      }
    }
  }

  private boolean forgotten() {
    return connection.streamCapacity(id()) == NettyQuicInternals.INVALID_STREAM_STATE;
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
    if (cause instanceof ChannelOutputShutdownException || channel.parent().isOpen()) {
      // While the connection lives, QUIC refuses a write only to a stream that the peer stopped;
      // the codec's exception depends on whether quiche has forgotten it already.
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
    boolean forgotten = capacity == NettyQuicInternals.INVALID_STREAM_STATE;
    if (capacity == NettyQuicInternals.STREAM_STOPPED || forgotten && !sendTerminal) {
      // A unidirectional stream that was stopped is forgotten with the first question.
      onStopped();
      return false;
    }
    if (forgotten) {
      send.onAcknowledged(); // no effect if it has ended otherwise
      return false;
    }
    return !send.ended().isDone();
  }

  /** What was finished but not acknowledged will not be any more. */
  void connectionLost() {
    if (send != null && !send.ended().isDone()) {
      send.onLost(connection::lostException);
    }
  }

  // ---- end ----

  private void reapIfDone() {
    if (reaped || !recvTerminal || !sendTerminal) {
      return;
    }
    reaped = true;
    connection.streams().forget(this);
    if (recv != null) {
      recv.moveToHeap();
    }
    channel.close();
    if (abnormal && !connection.streamClosed(id())) {
      connection.counters().streamsNotReaped.increment();
    }
    connection.streams().lingering().closed(id(), stopped);
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

  /** The peer did not take early data: nothing of this stream may arrive, now or later. */
  void refuseEarly(Supplier<PeerException> cause) {
    abnormal = true;
    if (send != null) {
      send.onLost(cause);
      if (!sendTerminal) {
        sendTerminal = true;
        channel.shutdownOutput(0);
      }
    }
    if (recv != null && !recvTerminal) {
      recv.onLost(cause);
      discard(0);
    }
    reapIfDone();
  }

  /** Opened for a caller who has gone. */
  void abandonLocal() {
    if (recv != null && !recvTerminal) {
      discard(0);
    }
    abandon();
  }

  /** Nobody accepted this stream yet: another handler takes it over, with what has arrived. */
  void handOver(ChannelHandler handler) {
    connection.streams().forget(this);
    connection.streams().reapRaw(channel);
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
