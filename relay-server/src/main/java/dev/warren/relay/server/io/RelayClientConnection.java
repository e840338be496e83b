package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.base.NodeId;
import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.client.wire.WebSocketFrames;
import dev.warren.relay.server.logic.ConnectionState;
import dev.warren.relay.server.logic.DrainPlan;
import dev.warren.relay.server.logic.Liveness;
import dev.warren.relay.server.wire.HttpRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.TooLongFrameException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the relay after the upgrade: handshake, then forwarding, in whatever dialect.
 *
 * <p><b>Nobody waits for anybody.</b> A recipient that does not read fills its own queue; what
 * comes then is dropped and counted. A write that makes no progress for two seconds ends its
 * connection.
 *
 * <p>Each connection belongs to its channel's event loop. Frames from other loops gather in an
 * inbox that is emptied, and flushed, once for all that came meanwhile. {@code tell…}, {@link
 * #deliver}, {@link #disconnect}, {@link #drain} and {@link #limitsChanged} may be called from any
 * thread.
 */
final class RelayClientConnection extends ChannelInboundHandlerAdapter implements FrameSink {
  private static final Logger LOG = LoggerFactory.getLogger(RelayClientConnection.class);

  /** WebSocket: going away (RFC 6455 section 7.4.1). */
  private static final int CLOSE_GOING_AWAY = 1001;

  /** WebSocket: policy violation. */
  private static final int CLOSE_POLICY = 1008;

  /** WebSocket: message too big. */
  private static final int CLOSE_TOO_BIG = 1009;

  /**
   * Pings of all clients go out on these beats, so that the event loop is woken for many at once
   * and finds their pongs together too: with 10,000 idle clients that is most of its work.
   */
  private static final long TICK = 250_000_000;

  /** WebSocket: try again later (IANA's registry of close codes, from RFC 6455 on). */
  private static final int CLOSE_TRY_AGAIN_LATER = 1013;

  private final DataPlane plane;
  private final Dialect dialect;
  private final InetSocketAddress remote;
  private final long number;
  private final StreamReader reader;
  private final OutboundQueue queue = new OutboundQueue();
  private final Inbox inbox = new Inbox();
  private final ReadGate gate = new ReadGate();
  private final ReceiveLimit receiveLimit = new ReceiveLimit(gate);
  private final StallWatch stalls = new StallWatch();
  private ConnectionState state = ConnectionState.PROVING;
  private @Nullable Entrance entrance;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable NodeId id;
  private @Nullable IdKey key;
  private Clients.@Nullable Entry entry;
  private @Nullable Forwarder forwarder;
  private @Nullable Liveness liveness;
  private @Nullable Future<?> timer;
  private long pingBody;
  private long since;
  private boolean inFrame;
  private boolean received;
  private boolean unflushed;
  private int sentFrames;
  private long sentBytes;
  private volatile long totalReceived;
  private volatile long totalSent;

  RelayClientConnection(
      DataPlane plane, Dialect dialect, InetSocketAddress remote, HttpRequest request) {
    this.plane = plane;
    this.dialect = dialect;
    this.remote = remote;
    this.number = plane.nextNumber();
    this.reader = dialect.isWebSocket() ? new WebSocketReader(this) : new NativeReader(this);
    this.entrance = new Entrance(plane, this, request);
  }

  /** The upgrade is done; {@code proved} is the id that it has proved already, if it has. */
  void addTo(ChannelPipeline pipeline, Optional<NodeId> proved) {
    pipeline.addLast(reader).addLast(this);
    ctx = pipeline.context(this);
    since = System.currentTimeMillis();
    long millis = plane.limits().handshakeTime().toMillis();
    timer = ctx.executor().schedule(this::onHandshakeTime, millis, TimeUnit.MILLISECONDS);
    entrance.begin(proved);
  }

  Dialect dialect() {
    return dialect;
  }

  long number() {
    return number;
  }

  InetSocketAddress remote() {
    return remote;
  }

  ChannelHandlerContext context() {
    return ctx;
  }

  ByteBufAllocator alloc() {
    return ctx.alloc();
  }

  long now() {
    return ctx.executor().ticker().nanoTime();
  }

  // ---- getting in ----

  boolean isDeciding() {
    return state == ConnectionState.DECIDING;
  }

  /** One frame of the handshake. */
  void say(int type, byte[] payload) {
    write(type, payload);
  }

  /** It has proved an id; access control is asked next. */
  void onProved(NodeId proved) {
    id = proved;
    state = state.onProved();
    gate.hold(ctx.channel(), ReadGate.Hold.DECISION);
  }

  /** Whether it was still waiting for this. */
  boolean onAllowed() {
    ConnectionState before = state;
    state = state.onAllowed();
    if (state != ConnectionState.RELAYING || before == state) {
      return false;
    }
    entrance = null;
    key = IdKey.of(id);
    liveness = new Liveness(now(), ThreadLocalRandom.current().nextDouble());
    schedule(liveness.due());
    plane.onAccepted(id, dialect, now());
    LOG.debug("{} connected", id.toShortString());
    if (!dialect.isLegacy()) {
      write(RelayFrames.CONFIRMED, new byte[0]);
    }
    entry = plane.clients().add(key, this);
    gate.release(ctx.channel(), ReadGate.Hold.DECISION);
    if (!inFrame) {
      readOn();
    }
    return true;
  }

  /** What came while access control was asked; a legacy client does not wait for an answer. */
  private void readOn() {
    try {
      reader.resume(ctx.pipeline().context(reader));
      channelReadComplete(ctx);
    } catch (Exception e) {
      exceptionCaught(ctx, e);
    }
  }

  /** Sends it away, with a frame that says why, or without a word. */
  void refuse(int type, byte @Nullable [] payload) {
    state = state.onRefused();
    if (payload != null) {
      write(type, payload);
      ctx.flush();
    }
    reader.end(ctx);
  }

  /** Has no place for it now. It is not told that it may not connect: later, it may. */
  void turnAway(String reason) {
    if (dialect.isWebSocket()) {
      state = state.onRefused();
      end(CLOSE_TRY_AGAIN_LATER, reason);
    } else {
      refuse(dialect.healthType(), reason.getBytes(US_ASCII));
    }
  }

  private void onHandshakeTime() {
    if (state.isHandshake()) {
      plane.counters().refusedTimeout.increment();
      state = state.onEnded();
      reader.end(ctx);
    }
  }

  // ---- frames ----

  @Override
  public int maxFrame() {
    return state == ConnectionState.RELAYING ? dialect.maxFrame() : Authentication.MAX_FRAME;
  }

  @Override
  public boolean wantsFrames() {
    return state != ConnectionState.DECIDING;
  }

  @Override
  public void onBytes(int count) {
    if (receiveLimit.onBytes(ctx, count, plane.limits(), plane.counters())) {
      tellLimited();
    }
  }

  @Override
  public void onFrame(int type, ByteBuf buffer, int at, int length) {
    received = true;
    inFrame = true;
    if (state == ConnectionState.RELAYING) {
      if (!(dialect.isLegacy()
          ? onLegacyFrame(type, buffer, at, length)
          : onModernFrame(type, buffer, at, length))) {
        plane.counters().protocolErrors.increment();
        reader.end(ctx);
      }
    } else if (state == ConnectionState.PROVING) {
      entrance.onFrame(type, buffer, at, length);
    }
    inFrame = false;
  }

  private boolean onModernFrame(int type, ByteBuf buffer, int at, int length) {
    return switch (type) {
      case RelayFrames.TO_RELAY -> forwarder().forwardModern(false, buffer, at, length);
      case RelayFrames.TO_RELAY_BATCH -> forwarder().forwardModern(true, buffer, at, length);
      case RelayFrames.PING -> onPing(buffer, at, length);
      case RelayFrames.PONG -> onPong(buffer, at, length);
      default -> false;
    };
  }

  private boolean onLegacyFrame(int type, ByteBuf buffer, int at, int length) {
    return switch (type) {
      case LegacyFrames.SEND_PACKET -> forwarder().forwardLegacy(buffer, at, length);
      case LegacyFrames.PING -> onPing(buffer, at, length);
      case LegacyFrames.PONG -> onPong(buffer, at, length);
      case LegacyFrames.NOTE_PREFERRED -> length == 1 && (buffer.getByte(at) & ~1) == 0;
      case LegacyFrames.KEEP_ALIVE -> unused(length == 0);
      case LegacyFrames.GONE -> unused(length == RelayFrames.ID);
      case LegacyFrames.RESTARTING -> unused(length == 8);
      case LegacyFrames.RECV_PACKET -> unused(length >= RelayFrames.ID);
      case LegacyFrames.CLIENT_INFO -> unused(true);
      default -> false;
    };
  }

  /** Known, but nothing that a client has to say: ignored if it is well formed (section B7). */
  private boolean unused(boolean wellFormed) {
    plane.counters().unknownFrames.increment();
    return wellFormed;
  }

  private Forwarder forwarder() {
    if (forwarder == null) {
      forwarder = new Forwarder(plane, this, key.toBytes(), entry);
    }
    return forwarder;
  }

  private boolean onPing(ByteBuf buffer, int at, int length) {
    if (length != Long.BYTES) {
      return false;
    }
    byte[] body = new byte[length];
    buffer.getBytes(at, body);
    plane.counters().gotPing.increment();
    plane.counters().sentPong.increment();
    enqueue(dialect.frame(ctx.alloc(), dialect.pongType(), body));
    return true;
  }

  private boolean onPong(ByteBuf buffer, int at, int length) {
    if (length == Long.BYTES && buffer.getLong(at) == pingBody) {
      liveness.onPong();
    }
    return length == Long.BYTES;
  }

  @Override
  public void onWebSocketPing(ByteBuf buffer, int at, int length) {
    ByteBuf pong = ctx.alloc().directBuffer(2 + length, 2 + length);
    WebSocketFrames.setHeader(pong, 0, WebSocketFrames.PONG, false, length);
    enqueue(pong.writerIndex(2).writeBytes(buffer, at, length));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (received) {
      received = false;
      if (liveness != null) {
        liveness.onReceived(now());
      }
    }
    if (forwarder != null) {
      forwarder.flush();
    }
    if (unflushed) {
      unflushed = false;
      context.flush();
    }
  }

  // ---- what others send to it ----

  /**
   * Takes a finished frame; true if it waits for {@link #flushDelivered}, which the caller then
   * calls on this loop. Takes ownership.
   */
  boolean deliver(ByteBuf frame) {
    if (ctx.executor().inEventLoop()) {
      accept(frame);
      return true;
    }
    switch (inbox.add(frame)) {
      case CALL -> {
        if (!onLoop(this::emptyInbox)) {
          inbox.close();
        }
      }
      case NO -> {
        plane.counters().droppedFull.increment();
        frame.release();
      }
      case YES -> {}
    }
    return false;
  }

  private void emptyInbox() {
    for (ByteBuf next = inbox.poll(); next != null; next = inbox.poll()) {
      accept(next);
    }
    flushDelivered();
  }

  private void accept(ByteBuf frame) {
    if (state != ConnectionState.RELAYING) {
      plane.counters().droppedUnknown.increment();
      frame.release();
      return;
    }
    int bytes = dialect.datagramBytes(frame);
    if (queue.add(ctx, frame, plane.limits())) {
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

  /** Payload bytes that it has sent since the last time. */
  void addReceived(long bytes) {
    totalReceived += bytes;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      queue.drain(context);
    } else {
      stalls.onUnwritable(context, this::onStalled);
    }
  }

  private void onStalled() {
    LOG.debug("{} does not read", id == null ? "?" : id.toShortString());
    plane.counters().stalled.increment();
    ctx.close();
  }

  // ---- notices ----

  void tellReplaced(boolean replaced) {
    onLoop(
        () ->
            tell(
                replaced ? RelayFrames.STATUS_REPLACED : RelayFrames.STATUS_HEALTHY,
                replaced ? "another connection has this id" : "active again"));
  }

  private void tellLimited() {
    tell(RelayFrames.STATUS_RATE_LIMITED, "what you send is being held back");
  }

  private void tell(int status, String text) {
    if (state != ConnectionState.RELAYING) {
      return;
    }
    if (dialect == Dialect.MODERN_V2) {
      write(RelayFrames.STATUS, new byte[] {(byte) status});
    } else {
      write(dialect.healthType(), text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  /** Gone has the same code in all dialects. */
  void tellGone(byte[] gone) {
    onLoop(() -> write(RelayFrames.GONE, gone));
  }

  /** Says that the relay goes away, and cuts the connection when the plan says. */
  void drain(DrainPlan plan, double share, double wait) {
    onLoop(
        () -> {
          ByteBuf body = ctx.alloc().buffer(8, 8);
          body.writeInt(plan.reconnectInMillis(wait)).writeInt(plan.tryForMillis());
          byte[] bytes = new byte[8];
          body.readBytes(bytes).release();
          write(dialect.restartingType(), bytes);
          ctx.executor()
              .schedule(() -> end(CLOSE_GOING_AWAY), plan.cutAfter(share), TimeUnit.NANOSECONDS);
        });
  }

  /** Cuts it off. */
  void disconnect() {
    onLoop(() -> end(CLOSE_POLICY));
  }

  private void end(int closeCode) {
    end(closeCode, "");
  }

  /**
   * @param reason at most 123 ASCII characters (RFC 6455 section 5.5)
   */
  private void end(int closeCode, String reason) {
    if (dialect.isWebSocket() && ctx.channel().isActive()) {
      int length = 2 + reason.length();
      ByteBuf close = ctx.alloc().directBuffer(2 + length, 2 + length);
      WebSocketFrames.setHeader(close, 0, WebSocketFrames.CLOSE, false, length);
      close.writerIndex(2).writeShort(closeCode).writeCharSequence(reason, US_ASCII);
      enqueue(close);
      ctx.flush();
    }
    reader.end(ctx);
  }

  void limitsChanged() {
    onLoop(() -> receiveLimit.onChange(ctx));
  }

  private boolean onLoop(Runnable task) {
    try {
      if (ctx.executor().inEventLoop()) {
        task.run();
      } else {
        ctx.executor().execute(task);
      }
      return true;
    } catch (RejectedExecutionException stopped) {
      LOG.debug("relay is closing");
      return false;
    }
  }

  /** Control frames wait in the same bounded queue: pongs must not fill our memory either. */
  private void enqueue(ByteBuf frame) {
    if (queue.add(ctx, frame, plane.limits())) {
      unflushed = true;
    }
  }

  private void write(int type, byte[] payload) {
    enqueue(dialect.frame(ctx.alloc(), type, payload));
    if (!inFrame) {
      ctx.flush();
    }
  }

  // ---- time ----

  private void schedule(long due) {
    if (timer != null) {
      timer.cancel(false);
    }
    long tick = (Math.floorDiv(due, TICK) + 1) * TICK;
    timer = ctx.executor().schedule(this::onTimer, tick - now(), TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    if (gate.isHeld(ReadGate.Hold.RATE)) {
      // It is we who do not read.
      liveness.onReceived(now());
    }
    switch (liveness.check(now())) {
      case PING -> {
        pingBody = ThreadLocalRandom.current().nextLong();
        byte[] body = java.nio.ByteBuffer.allocate(Long.BYTES).putLong(pingBody).array();
        write(dialect.pingType(), body);
        queue.trim();
        inbox.trim();
      }
      case GIVE_UP -> {
        plane.counters().silent.increment();
        ctx.close();
        return;
      }
      case NONE -> {}
    }
    schedule(liveness.due());
  }

  // ---- end ----

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    boolean wasIn = state == ConnectionState.RELAYING;
    state = state.onEnded();
    timer.cancel(false);
    receiveLimit.close();
    queue.close();
    inbox.close();
    if (wasIn) {
      plane.clients().remove(key, this);
      plane.counters().onDisconnected(dialect);
      plane.onLeft();
      plane.access().onDisconnect(id, number);
    }
    super.channelInactive(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("client: {}", cause.toString());
    plane.counters().protocolErrors.increment();
    if (cause instanceof TooLongFrameException) {
      end(CLOSE_TOO_BIG);
    } else {
      reader.end(context);
    }
  }

  /** What there is to say about it. */
  ClientView view() {
    return new ClientView(
        id,
        number,
        dialect.protocol(),
        remote,
        since,
        totalReceived,
        totalSent,
        entry != null && entry.active() == this);
  }
}
