package dev.warren.relay.server.io;

import dev.warren.relay.server.limits.RelayLimits;
import dev.warren.relay.server.logic.RateLimit;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds a client back that sends faster than it may, by not reading from it: TCP tells it, nothing
 * is dropped (relay-server section 9). Costs nothing while there is no limit. Event loop only.
 */
final class ReceiveLimit {
  private final ReadGate gate;
  private @Nullable RateLimit bucket;
  private @Nullable Future<?> pause;
  private boolean bitten;

  ReceiveLimit(ReadGate gate) {
    this.gate = gate;
  }

  /** Bytes were read; whether the limit has begun to bite for the first time. */
  boolean onBytes(
      ChannelHandlerContext ctx, int count, RelayLimits limits, RelayCounters counters) {
    if (limits.bytesPerSecond() == 0) {
      return false;
    }
    long now = ctx.executor().ticker().nanoTime();
    if (bucket == null) {
      bucket = new RateLimit(limits.bytesPerSecond(), limits.effectiveBurstBytes(), now);
    }
    long nanos = bucket.read(count, now);
    if (nanos == 0) {
      return false;
    }
    counters.bytesLimited.add(count);
    gate.hold(ctx.channel(), ReadGate.Hold.RATE);
    if (pause != null) {
      pause.cancel(false);
    }
    pause = ctx.executor().schedule(() -> release(ctx), nanos, TimeUnit.NANOSECONDS);
    boolean first = !bitten;
    bitten = true;
    if (first) {
      counters.connectionsLimited.increment();
    }
    return first;
  }

  /** Other limits: a pause that runs is over, and the bucket is full. */
  void onChange(ChannelHandlerContext ctx) {
    bucket = null;
    release(ctx);
  }

  private void release(ChannelHandlerContext ctx) {
    if (pause != null) {
      pause.cancel(false);
      pause = null;
      gate.release(ctx.channel(), ReadGate.Hold.RATE);
    }
  }

  void close() {
    if (pause != null) {
      pause.cancel(false);
      pause = null;
    }
  }
}
