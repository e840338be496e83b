package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import dev.warren.relay.client.wire.FrameReader;
import dev.warren.relay.client.wire.Handshake;
import dev.warren.relay.client.wire.NodeIdCache;
import dev.warren.relay.client.wire.RelayFrames;
import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the relay after the upgrade: handshake, then forwarding.
 *
 * <p><b>Forwarding copies nothing</b> but small frames and those that have to wait. A client's
 * frame is masked, so its WebSocket header is four bytes longer than that of the frame that goes
 * out. The payload is unmasked where it lies, type and id are overwritten (4 becomes 6, 5 becomes
 * 7, destination becomes source), the shorter header is written just in front of it, and that slice
 * of the receive buffer is what the recipient's socket gets.
 *
 * <p><b>Nobody waits for anybody.</b> A recipient that does not read fills its own queue of 512
 * frames; what comes then is dropped and counted. A write that makes no progress for two seconds
 * ends its connection.
 *
 * <p>Each connection belongs to its channel's event loop. Frames from other loops gather in an
 * inbox that is emptied, and flushed, once for all that came meanwhile. {@code tell…} and {@link
 * #deliver} may be called from any thread.
 */
final class RelayClientConnection extends FrameReader {
  private static final Logger LOG = LoggerFactory.getLogger(RelayClientConnection.class);

  /** Frames that may wait for a recipient (relay-protocol section A8). */
  static final int QUEUE = 512;

  /** Frames that may wait for a recipient's event loop. */
  static final int INBOX = 1024;

  /** A client must authenticate within this time after the 101. */
  static final int HANDSHAKE_SECONDS = 10;

  private static final int WRITE_STALL_SECONDS = 2;

  /** Bytes a client must take in that time while it has a backlog: 16 kbit/s. */
  private static final int LEAST_PROGRESS = 4096;

  /**
   * Frames of fewer bytes, and less than this share of their buffer, are copied: 36 bytes can pin
   * the 512 KiB of the largest receive buffer.
   */
  private static final int SLIVER = 1024;

  private static final int SLIVER_SHARE = 16;

  private static final int PING_SECONDS = 15;
  private static final int PONG_SECONDS = 5;
  private static final int KNOWN_IDS = 1024;

  private final Clients clients;
  private final RelayCounters counters;
  private final boolean v2;
  private final byte[] challenge = new byte[Handshake.CHALLENGE];
  private final NodeIdCache ids = new NodeIdCache(KNOWN_IDS);
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
  private final Queue<Handed> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger handed = new AtomicInteger();
  private final AtomicBoolean called = new AtomicBoolean();
  private final List<RelayClientConnection> dirty = new ArrayList<>();
  private final byte[] pingBytes = new byte[8];
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable NodeId id;
  private byte @Nullable [] idBytes;
  private @Nullable NodeId lastTo;
  private boolean waitingForPong;
  private boolean received;
  private boolean closed;
  private long stalls;

  /** A finished frame, and the capacity of the receive buffer that it keeps. */
  private record Handed(ByteBuf frame, int payload, int keeps) {
    /**
     * Small, and keeps a large buffer: copying it costs less than what it pins until it is flushed,
     * which is for as long as its sender's other frames take to be forwarded.
     */
    boolean isSliver() {
      int n = frame.readableBytes();
      return n < SLIVER && keeps > SLIVER_SHARE * n;
    }
  }

  RelayClientConnection(Clients clients, RelayCounters counters, boolean v2) {
    super(true);
    this.clients = clients;
    this.counters = counters;
    this.v2 = v2;
  }

  /** The upgrade is done: speak first. */
  void start(ChannelHandlerContext context) {
    ctx = context;
    new SecureRandom().nextBytes(challenge);
    byte[] frame = new byte[1 + challenge.length];
    System.arraycopy(challenge, 0, frame, 1, challenge.length);
    write(frame);
    context
        .executor()
        .schedule(
            () -> {
              if (id == null && !closed) {
                counters.unauthenticated.increment();
                context.close();
              }
            },
            HANDSHAKE_SECONDS,
            TimeUnit.SECONDS);
  }

  @Override
  protected void onFrame(ChannelHandlerContext context, ByteBuf buffer, int at, int length) {
    received = true;
    int type = buffer.getByte(at);
    if (id == null) {
      authenticate(buffer, at, length);
    } else if (type == RelayFrames.TO_RELAY || type == RelayFrames.TO_RELAY_BATCH) {
      forward(buffer, at, length, type);
    } else if (type == RelayFrames.PING && length == 9) {
      byte[] pong = bytes(buffer, at, 9);
      pong[0] = RelayFrames.PONG;
      write(pong);
    } else if (type == RelayFrames.PONG && length == 9) {
      if (Arrays.equals(pingBytes, bytes(buffer, at + 1, 8))) {
        waitingForPong = false;
      }
    } else {
      endConnection(context);
    }
  }

  private void authenticate(ByteBuf buffer, int at, int length) {
    Optional<NodeId> proved =
        length > RelayFrames.CLIENT_AUTH_LENGTH + 16
            ? Optional.empty()
            : Handshake.verify(bytes(buffer, at, length), challenge);
    if (proved.isEmpty()) {
      counters.unauthenticated.increment();
      write(Handshake.denied("signature invalid"));
      endConnection(ctx);
      return;
    }
    id = proved.get();
    idBytes = id.toBytes();
    counters.accepted.increment();
    LOG.debug("{} connected", id.toShortString());
    write(new byte[] {RelayFrames.CONFIRMED});
    clients.add(id, this);
    schedulePing();
  }

  private void schedulePing() {
    int seconds = PING_SECONDS + ThreadLocalRandom.current().nextInt(1, 6);
    ctx.executor().schedule(this::pingIfQuiet, seconds, TimeUnit.SECONDS);
  }

  private void pingIfQuiet() {
    if (closed) {
      return;
    }
    if (!received) {
      ThreadLocalRandom.current().nextBytes(pingBytes);
      byte[] frame = new byte[9];
      frame[0] = RelayFrames.PING;
      System.arraycopy(pingBytes, 0, frame, 1, 8);
      waitingForPong = true;
      write(frame);
      ctx.executor()
          .schedule(
              () -> {
                if (waitingForPong && !received) {
                  ctx.close();
                }
              },
              PONG_SECONDS,
              TimeUnit.SECONDS);
    }
    received = false;
    schedulePing();
  }

  // ---- forwarding ----

  private void forward(ByteBuf buffer, int at, int length, int type) {
    int header =
        type == RelayFrames.TO_RELAY ? RelayFrames.SINGLE_HEADER : RelayFrames.BATCH_HEADER;
    NodeId to = length >= header ? ids.get(buffer, at + 1) : null;
    if (to == null) {
      endConnection(ctx); // shorter than an id, or not an id: a broken client
      return;
    }
    boolean zeroSegment =
        type == RelayFrames.TO_RELAY_BATCH && buffer.getUnsignedShort(at + 34) == 0;
    if (length == header || length > RelayFrames.MAX_FRAME || zeroSegment) {
      counters.droppedMalformed.increment();
      return;
    }
    RelayClientConnection target = clients.active(to);
    if (target == null) {
      counters.droppedUnknown.increment();
      return;
    }
    if (to != lastTo) {
      lastTo = to;
      clients.sent(id, to);
    }
    buffer.setByte(at, type + 2);
    buffer.setBytes(at + 1, idBytes);
    int prefix = WebSocketFrames.unmaskedHeader(length);
    WebSocketFrames.setHeader(buffer, at - prefix, WebSocketFrames.BINARY, false, length);
    ByteBuf frame = buffer.retainedSlice(at - prefix, prefix + length);
    target.deliver(new Handed(frame, length - header, buffer.capacity()));
    if (target.ctx.executor().inEventLoop()
        && (dirty.isEmpty() || dirty.get(dirty.size() - 1) != target)) {
      dirty.add(target);
    }
  }

  /** Queues a finished frame; takes ownership. */
  private void deliver(Handed finished) {
    if (ctx.executor().inEventLoop()) {
      enqueue(finished);
      return;
    }
    if (handed.incrementAndGet() > INBOX) {
      handed.decrementAndGet();
      counters.droppedFull.increment();
      finished.frame().release();
      return;
    }
    inbox.add(finished);
    if (called.compareAndSet(false, true)) {
      try {
        ctx.executor().execute(this::emptyInbox);
      } catch (RejectedExecutionException stopped) {
        for (Handed next = inbox.poll(); next != null; next = inbox.poll()) {
          next.frame().release();
        }
      }
    }
  }

  private void emptyInbox() {
    // First, so that whoever adds from here on calls again.
    called.set(false);
    for (Handed next = inbox.poll(); next != null; next = inbox.poll()) {
      handed.decrementAndGet();
      enqueue(next);
    }
    ctx.flush();
  }

  private void enqueue(Handed finished) {
    ByteBuf frame = finished.frame();
    Channel channel = ctx.channel();
    if (closed) {
      frame.release();
      return;
    }
    if (queue.isEmpty() && channel.isWritable()) {
      boolean copy = waits(channel) || finished.isSliver();
      ctx.write(copy ? compact(finished) : frame, ctx.voidPromise());
    } else if (queue.size() < QUEUE) {
      queue.add(compact(finished));
      ctx.flush();
    } else {
      counters.droppedFull.increment();
      frame.release();
      return;
    }
    counters.framesForwarded.increment();
    counters.bytesForwarded.add(finished.payload());
  }

  /** Whether the socket has not taken yet what was flushed, so that a frame may lie for long. */
  private static boolean waits(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out != null && !out.isEmpty();
  }

  /**
   * A frame that has to wait is copied out of the receive buffer that it is a slice of, if it is
   * but a small part of that: 512 of them would otherwise hold 256 MiB.
   */
  private ByteBuf compact(Handed finished) {
    ByteBuf frame = finished.frame();
    int n = frame.readableBytes();
    if (finished.keeps() <= 2 * n) {
      return frame;
    }
    try {
      return ctx.alloc().directBuffer(n, n).writeBytes(frame);
    } finally {
      frame.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    super.channelReadComplete(context);
    for (RelayClientConnection target : dirty) {
      target.ctx.flush();
    }
    dirty.clear();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      while (!queue.isEmpty() && context.channel().isWritable()) {
        context.write(queue.poll(), context.voidPromise());
      }
      context.flush();
    } else {
      stalls++;
      watchStall(stalls);
    }
  }

  /**
   * Nothing is written while the channel is unwritable, so its backlog only shrinks, and if it does
   * not by a fair amount, the client takes next to nothing. A backlog of a later stall says nothing
   * about this one.
   */
  private void watchStall(long stall) {
    long before = ctx.channel().bytesBeforeWritable();
    ctx.executor()
        .schedule(
            () -> {
              if (closed || stall != stalls || ctx.channel().isWritable()) {
                return;
              }
              long taken = before - ctx.channel().bytesBeforeWritable();
              if (taken < Math.max(1, Math.min(LEAST_PROGRESS, before))) {
                LOG.debug("{} does not read", id == null ? "?" : id.toShortString());
                ctx.close();
              } else {
                watchStall(stall);
              }
            },
            WRITE_STALL_SECONDS,
            TimeUnit.SECONDS);
  }

  // ---- notices ----

  void tellReplaced(boolean replaced) {
    byte[] frame;
    if (v2) {
      frame =
          new byte[] {
            RelayFrames.STATUS,
            (byte) (replaced ? RelayFrames.STATUS_REPLACED : RelayFrames.STATUS_HEALTHY)
          };
    } else {
      String text = replaced ? "another connection has this id" : "active again";
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      frame = new byte[1 + utf8.length];
      frame[0] = RelayFrames.HEALTH;
      System.arraycopy(utf8, 0, frame, 1, utf8.length);
    }
    onLoop(() -> write(frame));
  }

  void tellGone(NodeId gone) {
    byte[] frame = new byte[1 + RelayFrames.ID];
    frame[0] = RelayFrames.GONE;
    System.arraycopy(gone.toBytes(), 0, frame, 1, RelayFrames.ID);
    onLoop(() -> write(frame));
  }

  private void onLoop(Runnable task) {
    try {
      ctx.executor().execute(task);
    } catch (RejectedExecutionException stopped) {
      LOG.debug("relay is closing");
    }
  }

  /** Control frames wait in the same bounded queue: pongs must not fill our memory either. */
  private void write(byte[] frame) {
    boolean now = queue.isEmpty() && ctx.channel().isWritable();
    if (closed || (!now && queue.size() >= QUEUE)) {
      return;
    }
    int prefix = WebSocketFrames.unmaskedHeader(frame.length);
    ByteBuf out = ctx.alloc().directBuffer(prefix + frame.length);
    WebSocketFrames.setHeader(out, 0, WebSocketFrames.BINARY, false, frame.length);
    out.writerIndex(prefix).writeBytes(frame);
    if (now) {
      ctx.writeAndFlush(out, ctx.voidPromise());
    } else {
      queue.add(out);
    }
  }

  private static byte[] bytes(ByteBuf buffer, int at, int length) {
    byte[] copy = new byte[length];
    buffer.getBytes(at, copy);
    return copy;
  }

  // ---- end ----

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    closed = true;
    queue.forEach(ByteBuf::release);
    queue.clear();
    if (id != null) {
      clients.remove(id, this);
      counters.disconnected.increment();
    }
    super.channelInactive(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("client: {}", cause.toString());
    context.close();
  }
}
