package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.RejectedExecutionException;

/**
 * All that goes out to one client: datagrams of others, and what the relay itself has to say. A
 * client that does not read fills its own queue; what comes then is dropped and counted. What goes
 * out is counted once a flush, not once a frame. {@link #deliver} may be called from any thread,
 * all else on the client's event loop.
 */
final class Outlet {
  private final DataPlane plane;
  private final Dialect dialect;
  private final ChannelHandlerContext ctx;
  private final OutboundQueue queue = new OutboundQueue();
  private final Inbox inbox = new Inbox();
  private final StallWatch stalls = new StallWatch();
  private boolean open;
  private boolean unflushed;
  private int sentFrames;
  private long sentBytes;
  private volatile long totalSent;

  Outlet(DataPlane plane, Dialect dialect, ChannelHandlerContext ctx) {
    this.plane = plane;
    this.dialect = dialect;
    this.ctx = ctx;
  }

  /** Datagrams may come. */
  void open() {
    open = true;
  }

  /**
   * Takes a finished datagram frame; true if it waits for {@link #flushDelivered}, which the caller
   * then calls on this loop. Takes ownership.
   */
  boolean deliver(ByteBuf frame) {
    if (ctx.executor().inEventLoop()) {
      accept(frame);
      return true;
    }
    switch (inbox.add(frame)) {
      case CALL -> call();
      case NO -> {
        plane.counters().droppedFull.increment();
        frame.release();
      }
      case YES -> {}
    }
    return false;
  }

  private void call() {
    try {
      ctx.executor().execute(this::emptyInbox);
    } catch (RejectedExecutionException closing) {
      inbox.close();
    }
  }

  private void emptyInbox() {
    for (int i = 0; i < Inbox.FRAMES; i++) {
      ByteBuf next = inbox.poll();
      if (next == null) {
        flushDelivered();
        return;
      }
      accept(next);
    }
    // Others fill it as fast as it is emptied: the rest of this loop's clients have their turn.
    flushDelivered();
    call();
  }

  private void accept(ByteBuf frame) {
    if (!open) {
      plane.counters().droppedUnknown.increment();
      frame.release();
      return;
    }
    int bytes = dialect.datagramBytes(frame);
    if (queue.add(ctx, frame, plane.limits(), plane.pressure())) {
      sentFrames++;
      sentBytes += bytes;
    } else {
      plane.counters().droppedFull.increment();
    }
  }

  /** All that was delivered goes out, and the counters are brought up to date. */
  void flushDelivered() {
    if (sentFrames > 0) {
      plane.counters().packetsSent.add(sentFrames);
      plane.counters().bytesSent.add(sentBytes);
      totalSent += sentBytes;
      sentFrames = 0;
      sentBytes = 0;
    }
    ctx.flush();
  }

  /** Payload bytes of datagrams that went out. Any thread. */
  long totalSent() {
    return totalSent;
  }

  // ---- what the relay says ----

  /** A frame of the relay's own, at once. */
  void say(int type, byte[] payload) {
    answer(type, payload);
    ctx.flush();
  }

  /** A frame of the relay's own, with {@link #flushAnswers}. */
  void answer(int type, byte[] payload) {
    enqueue(dialect.frame(ctx.alloc(), type, payload));
  }

  /** Answers a WebSocket ping, with {@link #flushAnswers}. */
  void pong(ByteBuf buffer, int at, int length) {
    ByteBuf pong = ctx.alloc().directBuffer(2 + length, 2 + length);
    WebSocketFrames.setHeader(pong, 0, WebSocketFrames.PONG, false, length);
    enqueue(pong.writerIndex(2).writeBytes(buffer, at, length));
  }

  void flushAnswers() {
    if (unflushed) {
      unflushed = false;
      ctx.flush();
    }
  }

  /**
   * A WebSocket Close; nothing where there is no WebSocket.
   *
   * @param reason at most 123 ASCII characters (RFC 6455 section 5.5)
   */
  void sayClose(CloseCode code, String reason) {
    if (dialect.isWebSocket() && ctx.channel().isActive()) {
      int length = 2 + reason.length();
      ByteBuf close = ctx.alloc().directBuffer(2 + length, 2 + length);
      WebSocketFrames.setHeader(close, 0, WebSocketFrames.CLOSE, false, length);
      close.writerIndex(2).writeShort(code.code()).writeCharSequence(reason, US_ASCII);
      enqueue(close);
      ctx.flush();
    }
  }

  /** These wait in the same bounded queue: pongs must not fill our memory either. */
  private void enqueue(ByteBuf frame) {
    if (queue.add(ctx, frame, plane.limits(), plane.pressure())) {
      unflushed = true;
    }
  }

  // ---- the channel ----

  /** {@code stuck} is run if the client then takes next to nothing. */
  void onWritabilityChanged(Runnable stuck) {
    if (ctx.channel().isWritable()) {
      queue.drain(ctx);
    } else {
      stalls.onUnwritable(ctx, stuck);
    }
  }

  /** Gives the memory back that a burst has left. */
  void trim() {
    queue.trim();
    inbox.trim();
  }

  void close() {
    open = false;
    queue.close();
    inbox.close();
  }
}
