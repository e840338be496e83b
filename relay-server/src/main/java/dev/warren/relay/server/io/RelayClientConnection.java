package dev.warren.relay.server.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.NodeId;
import dev.warren.relay.server.io.Authentication.Verdict;
import dev.warren.relay.server.logic.ConnectionState;
import dev.warren.relay.server.logic.DrainPlan;
import dev.warren.serving.wire.HttpRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the relay after the upgrade, in whatever dialect: its way in ({@link Entrance}),
 * what it sends ({@link ClientFrames}), what goes out to it ({@link Outlet}, {@link Notices}), its
 * life ({@link Heartbeat}) and its end.
 *
 * <p>Each connection belongs to its channel's event loop. {@code tell…}, {@link #deliver}, {@link
 * #disconnect}, {@link #drain} and {@link #limitsChanged} may be called from any thread.
 */
final class RelayClientConnection extends ChannelInboundHandlerAdapter
    implements FrameSink, Heartbeat.Client {
  private static final Logger LOG = LoggerFactory.getLogger(RelayClientConnection.class);

  private final DataPlane plane;
  private final Dialect dialect;
  private final InetSocketAddress remote;
  private final long number;
  private final StreamReader reader;
  private final ReadGate gate = new ReadGate();
  private final ReceiveLimit receiveLimit = new ReceiveLimit(gate);
  private ConnectionState state = ConnectionState.PROVING;
  private @Nullable Entrance entrance;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Outlet outlet;
  private @Nullable Notices notices;
  private @Nullable NodeId id;
  private @Nullable IdKey key;
  private Clients.@Nullable Entry entry;
  private @Nullable ClientFrames frames;
  private @Nullable Heartbeat heartbeat;
  private @Nullable Future<?> handshakeTimer;
  private long since;
  private boolean inFrame;
  private boolean received;
  private boolean leaving;
  private volatile long totalReceived;

  RelayClientConnection(
      DataPlane plane, Dialect dialect, InetSocketAddress remote, HttpRequest request) {
    this.plane = plane;
    this.dialect = dialect;
    this.remote = remote;
    this.number = plane.nextNumber();
    this.reader = dialect.isWebSocket() ? new WebSocketReader(this) : new NativeReader(this);
    this.entrance = new Entrance(plane, this, request);
  }

  /** The upgrade is done; {@code header} checks the proof that came with it, if one did. */
  void addTo(ChannelPipeline pipeline, Optional<Supplier<Verdict>> header) {
    pipeline.addLast(reader).addLast(this);
    ctx = pipeline.context(this);
    outlet = new Outlet(plane, dialect, ctx);
    notices = new Notices(dialect, outlet);
    since = System.currentTimeMillis();
    long millis = plane.limits().handshakeTime().toMillis();
    handshakeTimer = ctx.executor().schedule(this::onHandshakeTime, millis, TimeUnit.MILLISECONDS);
    entrance.begin(header);
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

  boolean isVerifying() {
    return state == ConnectionState.VERIFYING;
  }

  boolean isDeciding() {
    return state == ConnectionState.DECIDING;
  }

  /** One frame of the handshake. */
  void say(int type, byte[] payload) {
    outlet.say(type, payload);
  }

  /** It has shown a proof, which is being checked. */
  void onShown() {
    state = state.onShown();
    gate.hold(ctx.channel(), ReadGate.Hold.DECISION);
  }

  /** That was none; it may show another. */
  void onUnproved() {
    state = state.onUnproved();
    gate.release(ctx.channel(), ReadGate.Hold.DECISION);
    if (!inFrame) {
      readOn();
    }
  }

  /** It has proved an id; access control is asked next. */
  void onProved(NodeId proved) {
    id = proved;
    state = state.onProved();
  }

  /** Whether it was still waiting for this. */
  boolean onAllowed() {
    ConnectionState before = state;
    state = state.onAllowed();
    if (state != ConnectionState.RELAYING || before == state) {
      return false;
    }
    entrance = null;
    handshakeTimer.cancel(false);
    handshakeTimer = null;
    key = IdKey.of(id);
    heartbeat = new Heartbeat(ctx, this);
    plane.onAccepted(id, dialect, now());
    LOG.debug("{} connected", id.toShortString());
    outlet.open();
    entry = plane.clients().add(key, this);
    // Only now, as who hears it may tell others to write. What they write comes after it: on this
    // loop, or by the inbox.
    notices.confirmed();
    plane.onAdded(this);
    gate.release(ctx.channel(), ReadGate.Hold.DECISION);
    if (!inFrame) {
      readOn();
    }
    return true;
  }

  /** What came meanwhile; a legacy client does not wait for an answer. */
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
      outlet.say(type, payload);
    }
    reader.end(ctx);
  }

  /** Has no place for it now. It is not told that it may not connect: later, it may. */
  void turnAway(String reason) {
    if (dialect.isWebSocket()) {
      state = state.onRefused();
      end(CloseCode.TRY_AGAIN_LATER, reason);
    } else {
      refuse(dialect.healthType(), reason.getBytes(UTF_8));
    }
  }

  private void onHandshakeTime() {
    if (state.isHandshake()) {
      plane.counters().refusedTimeout.increment();
      state = state.onEnded();
      reader.end(ctx);
    }
  }

  // ---- what it sends ----

  @Override
  public int maxFrame() {
    return state == ConnectionState.RELAYING ? dialect.maxFrame() : Authentication.MAX_FRAME;
  }

  @Override
  public boolean wantsFrames() {
    return !state.isWaiting();
  }

  @Override
  public void onBytes(int count) {
    if (receiveLimit.onBytes(ctx, count, plane.limits(), plane.counters())) {
      ifIn(notices::heldBack);
    }
  }

  @Override
  public void onFrame(int type, ByteBuf buffer, int at, int length) {
    received = true;
    inFrame = true;
    if (state == ConnectionState.RELAYING) {
      if (!frames().onFrame(type, buffer, at, length)) {
        plane.counters().protocolErrors.increment();
        reader.end(ctx);
      }
    } else if (state == ConnectionState.PROVING) {
      entrance.onFrame(type, buffer, at, length);
    }
    inFrame = false;
  }

  /** Made when the first frame comes: an idle client needs none of it. */
  private ClientFrames frames() {
    if (frames == null) {
      Forwarder forwarder = new Forwarder(plane, this, key.toBytes(), entry);
      frames = new ClientFrames(plane.counters(), dialect, outlet, heartbeat, forwarder);
    }
    return frames;
  }

  @Override
  public void onWebSocketPing(ByteBuf buffer, int at, int length) {
    outlet.pong(buffer, at, length);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (received) {
      received = false;
      if (heartbeat != null) {
        heartbeat.onReceived();
      }
    }
    if (frames != null) {
      frames.flush();
    }
    outlet.flushAnswers();
  }

  /** Payload bytes that it has sent since the last time. */
  void addReceived(long bytes) {
    totalReceived += bytes;
  }

  // ---- what others send to it ----

  /** See {@link Outlet#deliver}. */
  boolean deliver(ByteBuf frame) {
    return outlet.deliver(frame);
  }

  /** See {@link Outlet#flushDelivered}. */
  void flushDelivered() {
    outlet.flushDelivered();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    outlet.onWritabilityChanged(this::onStalled);
  }

  private void onStalled() {
    LOG.debug("{} does not read", id == null ? "?" : id.toShortString());
    plane.counters().stalled.increment();
    ctx.close();
  }

  // ---- what it is told ----

  void tellReplaced(boolean replaced) {
    onLoop(() -> ifIn(() -> notices.replaced(replaced)));
  }

  void tellGone(byte[] gone) {
    onLoop(() -> notices.gone(gone));
  }

  private void ifIn(Runnable notice) {
    if (state == ConnectionState.RELAYING) {
      notice.run();
    }
  }

  /** Says that the relay goes away, and cuts the connection when the plan says. Once. */
  void drain(DrainPlan plan, double share, double wait) {
    onLoop(
        () -> {
          if (!leaving) {
            leaving = true;
            notices.restarting(plan, wait);
            ctx.executor()
                .schedule(
                    () -> end(CloseCode.GOING_AWAY, ""),
                    plan.cutAfter(share),
                    TimeUnit.NANOSECONDS);
          }
        });
  }

  /** Cuts it off. */
  void disconnect() {
    onLoop(() -> end(CloseCode.POLICY_VIOLATION, ""));
  }

  void limitsChanged() {
    onLoop(() -> receiveLimit.onChange(ctx));
  }

  private void onLoop(Runnable task) {
    try {
      if (ctx.executor().inEventLoop()) {
        task.run();
      } else {
        ctx.executor().execute(task);
      }
    } catch (RejectedExecutionException stopped) {
      LOG.debug("relay is closing");
    }
  }

  // ---- life ----

  @Override
  public boolean isHeldBack() {
    return gate.isHeld(ReadGate.Hold.RATE);
  }

  @Override
  public void ping(byte[] body) {
    outlet.say(dialect.pingType(), body);
    outlet.trim();
  }

  @Override
  public void onSilent() {
    plane.counters().silent.increment();
    ctx.close();
  }

  // ---- end ----

  private void end(CloseCode code, String reason) {
    outlet.sayClose(code, reason);
    reader.end(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    boolean wasIn = state == ConnectionState.RELAYING;
    state = state.onEnded();
    if (handshakeTimer != null) {
      handshakeTimer.cancel(false);
    }
    receiveLimit.close();
    outlet.close();
    if (wasIn) {
      heartbeat.stop();
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
    if (cause instanceof DecoderException) {
      plane.counters().protocolErrors.increment();
    }
    if (cause instanceof TooLongFrameException) {
      end(CloseCode.MESSAGE_TOO_BIG, "");
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
        outlet.totalSent(),
        entry != null && entry.active() == this);
  }
}
